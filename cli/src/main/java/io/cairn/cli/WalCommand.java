package io.cairn.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "wal",
        description = "Shows and proves the WAL in the stores, straight from the buckets.",
        mixinStandardHelpOptions = true,
        subcommands = {WalStatusCommand.class, WalVerifyCommand.class},
        footer = {
            "",
            "Examples:",
            "  cairn wal status",
            "  cairn wal status --cluster shop -o json",
            "  cairn wal verify --cluster shop --store secondary"
        })
final class WalCommand implements Runnable {

    @ParentCommand private Cairn cairn = new Cairn();

    @Spec private CommandSpec spec = CommandSpec.create();

    GlobalOptions options() {
        return cairn.options();
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }
}

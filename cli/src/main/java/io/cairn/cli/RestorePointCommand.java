package io.cairn.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "restore-point",
        description = "Names moments that a cluster can be brought back to.",
        mixinStandardHelpOptions = true,
        subcommands = RestorePointCreateCommand.class,
        footer = {
            "",
            "Examples:",
            "  cairn restore-point create --cluster shop --name 'before the release'",
            "  cairn restore --cluster shop --target-name 'before the release' --target-dir /restore/shop"
        })
final class RestorePointCommand implements Runnable {

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

package io.cairn.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "replicate",
        description = "Shows what the stores of a cluster do not have in common.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ReplicateStatusCommand.class,
            ReplicateVerifyCommand.class,
            ReplicateFailbackCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  cairn replicate status",
            "  cairn replicate verify shop",
            "  cairn replicate verify --all",
            "  cairn replicate failback primary"
        })
final class ReplicateCommand implements Runnable {

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

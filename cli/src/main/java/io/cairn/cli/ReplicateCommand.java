package io.cairn.cli;

import picocli.CommandLine.Command;

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
final class ReplicateCommand extends CommandGroup {}

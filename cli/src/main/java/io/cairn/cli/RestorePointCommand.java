package io.cairn.cli;

import picocli.CommandLine.Command;

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
final class RestorePointCommand extends CommandGroup {}

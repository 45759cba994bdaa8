package io.cairn.cli;

import picocli.CommandLine.Command;

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
final class WalCommand extends CommandGroup {}

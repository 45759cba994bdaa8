package io.cairn.cli;

import picocli.CommandLine.Command;

@Command(
        name = "key",
        description = "Checks, rotates and shreds the keys of backups, straight in the buckets.",
        mixinStandardHelpOptions = true,
        subcommands = {KeyCheckCommand.class, KeyRotateCommand.class, KeyShredCommand.class},
        footer = {
            "",
            "Rotating and shredding need the rights of the custodian, which no service has:",
            "docs/configuration.md lists them.",
            "",
            "Examples:",
            "  cairn key check",
            "  cairn key rotate shop --dry-run",
            "  cairn key rotate --proof-identity new.p12 --proof-password file:new.password",
            "  cairn key rotate --retire",
            "  cairn key shred shop"
        })
final class KeyCommand extends CommandGroup {}

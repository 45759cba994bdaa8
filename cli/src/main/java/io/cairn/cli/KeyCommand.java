package io.cairn.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

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
final class KeyCommand implements Runnable {

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

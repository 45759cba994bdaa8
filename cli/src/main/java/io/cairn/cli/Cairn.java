package io.cairn.cli;

import io.cairn.model.error.CairnException;
import java.io.PrintWriter;
import java.util.Objects;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code cairn}: data on stdout, progress and errors on stderr, one line per error with its hint,
 * stable exit codes.
 */
@Command(
        name = "cairn",
        description = "Backups of PostgreSQL: seen, proven and restored straight from the bucket.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        version = "cairn 0.1.0",
        subcommands = {
            ListCommand.class,
            ShowCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            RestorePointCommand.class,
            VerifyCommand.class,
            CheckCommand.class,
            WalCommand.class,
            ReplicateCommand.class,
            KeyCommand.class,
            ExpireCommand.class,
            PolicyCommand.class,
            HoldCommand.class,
            CatalogCommand.class,
            LifecycleCommand.class,
            AutoComplete.GenerateCompletion.class
        },
        footer = {
            "",
            "Exit codes: 0 ok, 1 error, 2 misuse, 4 refused before anything changed, 6 not found, 8 unreachable,",
            "            9 verification failed.",
            "",
            "Examples:",
            "  cairn list --cluster shop",
            "  cairn backup shop --type full",
            "  cairn restore --cluster shop --target-dir /var/lib/postgresql/18/restored"
        })
public final class Cairn implements Runnable {

    @Mixin private final GlobalOptions options = new GlobalOptions();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    GlobalOptions options() {
        return options;
    }

    static CommandLine commandLine() {
        CommandLine command = new CommandLine(new Cairn());
        command.setUsageHelpWidth(110);
        command.setParameterExceptionHandler(misuse());
        command.setExecutionExceptionHandler(failure());
        Objects.requireNonNull(command.getSubcommands().get("generate-completion"))
                .getCommandSpec()
                .usageMessage()
                .hidden(true);
        return command;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
    }

    private static IParameterExceptionHandler misuse() {
        return (e, arguments) -> {
            PrintWriter err = e.getCommandLine().getErr();
            if (e.getCause() instanceof CairnException cause) {
                err.println("cairn: " + cause.messageWithHint());
            } else {
                String name = e.getCommandLine().getCommandSpec().qualifiedName();
                err.println(
                        "cairn: "
                                + String.valueOf(e.getMessage()).replace(" at index 0", "")
                                + ". hint: "
                                + name
                                + " --help");
                UnmatchedArgumentException.printSuggestions(e, err);
            }
            return ExitCode.MISUSE.code();
        };
    }

    private static IExecutionExceptionHandler failure() {
        return (e, command, result) -> {
            PrintWriter err = command.getErr();
            if (e instanceof CairnException cairn) {
                err.println("cairn: " + cairn.messageWithHint());
                return ExitCode.of(cairn).code();
            }
            err.println(
                    "cairn: " + e + " hint: this is a defect in Cairn; CAIRN_DEBUG=1 shows where");
            if (System.getenv("CAIRN_DEBUG") != null) {
                e.printStackTrace(err);
            }
            return ExitCode.ERROR.code();
        };
    }
}

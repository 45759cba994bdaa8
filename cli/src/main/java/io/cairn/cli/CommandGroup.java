package io.cairn.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Commands under one word of {@code cairn}'s: the word alone is misuse. */
abstract class CommandGroup implements Runnable {

    @ParentCommand private Cairn cairn = new Cairn();

    @Spec private CommandSpec spec = CommandSpec.create();

    final GlobalOptions options() {
        return cairn.options();
    }

    @Override
    public final void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }
}

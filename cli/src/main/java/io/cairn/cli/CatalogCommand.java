package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.cli.BackupCommand.CatalogAddress;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "catalog",
        description = "Looks after the catalog.",
        mixinStandardHelpOptions = true)
final class CatalogCommand implements Runnable {

    @ParentCommand private Cairn cairn = new Cairn();

    @Mixin private final Output output = new Output();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    @Command(
            name = "rebuild",
            description =
                    "Reproduces backups, chains, keys and verification records from the buckets alone.",
            mixinStandardHelpOptions = true)
    int rebuild(@Mixin CatalogAddress catalog) {
        JsonNode result =
                new CatalogClient(catalog.uri()).post("/catalog/rebuild", Map.of(), Map.of());
        output.print(
                cairn.options().output(),
                "rebuild",
                result,
                () ->
                        result.properties()
                                .forEach(count ->
                                        output.line(
                                                "%-14s %s"
                                                        .formatted(
                                                                count.getKey(),
                                                                count.getValue().isArray()
                                                                        ? count.getValue().size()
                                                                        : count.getValue()
                                                                                .asText()))));
        return ExitCode.OK.code();
    }
}

package io.cairn.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What every command takes. */
final class GlobalOptions {

    /** How results are written to stdout. */
    enum Format {
        text,
        json
    }

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The configuration file. Default: the environment variable CAIRN_CONFIG.")
    private @Nullable Path config;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            defaultValue = "text",
            description = "text or json; text unless said otherwise.")
    private Format output = Format.text;

    /** The configuration file that is named. */
    Optional<Path> configFile() {
        return Optional.ofNullable(config).or(() -> Environment.get("CAIRN_CONFIG").map(Path::of));
    }

    Format output() {
        return output;
    }
}

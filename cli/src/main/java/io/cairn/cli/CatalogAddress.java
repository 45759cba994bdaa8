package io.cairn.cli;

import io.cairn.config.CairnConfigReader;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Where the catalog is: the option, else the environment variable, else the configuration, else
 * this machine.
 */
final class CatalogAddress {

    private static final URI THIS_MACHINE = URI.create("http://127.0.0.1:18080");

    @Option(
            names = "--catalog",
            paramLabel = "URL",
            description =
                    "The catalog's address. Default: the environment variable CAIRN_CATALOG, catalog.url in the configuration, or http://127.0.0.1:18080.")
    private @Nullable String option;

    URI uri(GlobalOptions options) {
        // A wrong argument is misuse; a wrong setting is refused.
        return Optional.ofNullable(option)
                .map(text -> parse(text, ErrorCode.REQUEST_INVALID))
                .or(() ->
                        Environment.get("CAIRN_CATALOG")
                                .map(text -> parse(text, ErrorCode.CONFIG_INVALID)))
                .or(() -> configured(options))
                .orElse(THIS_MACHINE);
    }

    /** These verbs need nothing else of the configuration, so none has to be there. */
    private static Optional<URI> configured(GlobalOptions options) {
        return options.configFile().flatMap(file -> CairnConfigReader.read(file).catalog());
    }

    private static URI parse(String text, ErrorCode code) {
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && uri.getScheme().matches("https?")) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw noAddress(text, code, e);
        }
        throw noAddress(text, code, null);
    }

    private static CairnException noAddress(
            String text, ErrorCode code, @Nullable Throwable cause) {
        return new CairnException(
                code,
                "'" + text + "' is not the catalog's address",
                "write http://host:port or https://host:port",
                cause);
    }
}

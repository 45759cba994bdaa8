package io.cairn.postgres.server;

import io.cairn.config.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How one server is started: the part that a restart repeats. */
record Launch(
        PostgresBinaries binaries,
        Path dataDirectory,
        List<Path> alsoOwned,
        Map<String, String> settings,
        Optional<List<String>> hostBasedAuthentication,
        boolean ownConfigurationOnly,
        boolean tcp,
        String superuser,
        Optional<Secret> password,
        Path logFile,
        Duration startTimeout,
        Path runDirectories) {

    /**
     * Socket names are limited to 107 bytes by Linux, and to 106 by the JDK, so the socket's
     * directory does not lie beside the data unless there is room for its name.
     */
    private static final Path TEMPORARY = Path.of("/tmp");

    /** Bytes left for it: the names of the directory and of the socket take up to 44. */
    private static final int RUN_DIRECTORIES_BYTES_MAX = 62;

    Launch(LocalServer.Builder builder) {
        this(
                builder.binaries,
                builder.dataDirectory,
                List.copyOf(builder.alsoOwned),
                new LinkedHashMap<>(builder.settings),
                builder.hostBasedAuthentication,
                builder.ownConfigurationOnly,
                builder.tcp,
                builder.superuser,
                builder.password,
                builder.logFile.orElseGet(() -> Path.of(builder.dataDirectory + ".log")),
                builder.startTimeout,
                builder.runDirectories
                        .filter(path -> bytes(path) <= RUN_DIRECTORIES_BYTES_MAX)
                        .orElse(TEMPORARY));
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * The command line.
     *
     * @param port TCP port; for a private socket merely the number in the socket's name
     * @param runDirectory holds the socket and the generated files
     */
    List<String> command(int port, Path runDirectory) throws IOException {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("port", Integer.toString(port));
        all.put("listen_addresses", tcp ? "127.0.0.1" : "");
        all.put("unix_socket_directories", tcp ? "" : runDirectory.toString());
        all.put("logging_collector", "off");
        all.put("log_destination", "stderr");
        all.put("lc_messages", "C");
        all.putAll(generatedFiles(runDirectory));
        all.putAll(settings);

        List<String> command =
                new ArrayList<>(
                        List.of(
                                binaries.program("postgres").toString(),
                                "-D",
                                dataDirectory.toString()));
        all.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        return command;
    }

    private Map<String, String> generatedFiles(Path runDirectory) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        if (ownConfigurationOnly) {
            files.put("config_file", generate(runDirectory, "postgresql.conf", List.of()));
            files.put("ident_file", generate(runDirectory, "pg_ident.conf", List.of()));
        }
        if (ownConfigurationOnly || hostBasedAuthentication.isPresent()) {
            List<String> lines = hostBasedAuthentication.orElse(List.of("local all all trust"));
            files.put("hba_file", generate(runDirectory, "pg_hba.conf", lines));
        }
        return files;
    }

    private static String generate(Path runDirectory, String name, List<String> lines)
            throws IOException {
        return Files.write(runDirectory.resolve(name), lines).toString();
    }
}

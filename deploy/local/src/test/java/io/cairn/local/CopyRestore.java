package io.cairn.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.cairn.model.Lsn;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * Restores the sample cluster {@code shop} by {@code cairn} and a configuration that knows nothing
 * but the secondary store, up to a row that was committed after the last backup.
 */
final class CopyRestore {

    private static final Duration COPIED = Duration.ofMinutes(2);
    private static final Pattern LSN = Pattern.compile("\"lsn\"\\s*:\\s*\"([0-9A-F]+/[0-9A-F]+)\"");
    private static final String ROWS =
            "SELECT count(*) || ' ' || md5(string_agg(body, ',' ORDER BY number)) FROM written_late";

    private final StateFolder state;
    private final Path home;
    private final Path folder;

    /**
     * @param home the project
     * @param folder for what is restored; must not exist
     */
    CopyRestore(StateFolder state, Path home, Path folder) {
        this.state = state;
        this.home = home;
        this.folder = folder;
    }

    void run(int port) throws Exception {
        Files.createDirectories(folder);
        String expected;
        Lsn written;
        try (Connection shop = shop(port);
                Statement statement = shop.createStatement()) {
            statement.execute(
                    "CREATE TABLE written_late AS"
                            + " SELECT number, md5(number::text) AS body FROM generate_series(1, 5000) number");
            expected = ask(shop, ROWS);
            written = Lsn.parse(ask(shop, "SELECT pg_current_wal_insert_lsn()"));
        }
        Path config = configOfTheCopy();
        Awaitility.await("the WAL is in the secondary store")
                .atMost(COPIED)
                .pollInterval(Duration.ofSeconds(2))
                .until(() ->
                        newest(cairn(config, "wal", "status", "--cluster", "shop", "-o", "json"))
                                .filter(lsn -> lsn.compareTo(written) >= 0)
                                .isPresent());
        Path target = folder.resolve("restored");
        String output =
                cairn(
                        config,
                        "restore",
                        "--cluster",
                        "shop",
                        "--target-latest",
                        "--target-dir",
                        target.toString());
        assertThat(output).contains("timeline 2");
        try (LocalServer server =
                        LocalServer.on(PostgresBinaries.find(LocalPostgres.MAJOR), target)
                                .privateSocket()
                                .start();
                Connection restored = server.connect("shop")) {
            assertThat(ask(restored, ROWS)).isEqualTo(expected);
        }
    }

    private Connection shop(int port) throws SQLException {
        Properties login = new Properties();
        login.setProperty("user", "postgres");
        login.setProperty("password", Secrets.getOrCreate(state.secret("shop-superuser")).reveal());
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/shop", login);
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }

    private static Optional<Lsn> newest(String output) {
        return LSN.matcher(output)
                .results()
                .map((MatchResult found) -> Lsn.parse(found.group(1)))
                .max(Lsn::compareTo);
    }

    private Path configOfTheCopy() throws IOException {
        YAMLMapper yaml = new YAMLMapper();
        Map<String, Object> config =
                yaml.readValue(
                        Files.readString(state.config()),
                        new TypeReference<LinkedHashMap<String, Object>>() {});
        Map<?, ?> stores = (Map<?, ?>) config.get("stores");
        config.put("stores", Map.of("secondary", stores.get("secondary")));
        Map<String, Object> tiers = new LinkedHashMap<>();
        List.of("oltp", "content", "queue", "olap")
                .forEach(tier -> tiers.put(tier, Map.of("copies", List.of("secondary"))));
        config.put("tiers", tiers);
        return Files.writeString(folder.resolve("copy.yaml"), yaml.writeValueAsString(config));
    }

    private String cairn(Path config, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                home.resolve("deploy/bin/cairn").toString(),
                                "--config",
                                config.toString()));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().put("CAIRN_STATE", state.root().toString());
        builder.environment()
                .put("CAIRN_SERVERS", home.resolve("deploy/servers/target").toString());
        Process process = builder.start();
        int exit = process.waitFor();
        assertThat(exit).as("%s: %s", command, Files.readString(output)).isZero();
        return Files.readString(output);
    }
}

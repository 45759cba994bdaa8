package io.cairn.bench.wal;

import io.cairn.bench.Folders;
import io.cairn.bench.SourceCluster;
import io.cairn.bench.ToolRun;
import io.cairn.model.ClusterName;
import io.cairn.postgres.wal.SlotNames;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Commits of single rows by {@code pgbench}, with or without waiting for the store. */
final class Commits {

    static final ClusterName CLUSTER = new ClusterName("orders");

    private static final String STREAM = SlotNames.of(CLUSTER).streaming();
    private static final Duration SYNCHRONOUS_WITHIN = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Pattern RATE = Pattern.compile("(?m)^tps = ([0-9.]+)");

    private static final String SCRIPT =
            "INSERT INTO placed (client, note) VALUES (:client_id, md5(random()::text));\n";

    private final Path program;
    private final Path script;
    private final SourceCluster cluster;

    private Commits(Path program, Path script, SourceCluster cluster) {
        this.program = program;
        this.script = script;
        this.cluster = cluster;
    }

    static Commits create(Path program, Path directory, SourceCluster cluster)
            throws IOException, SQLException {
        cluster.execute(
                "CREATE TABLE placed (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client int NOT NULL, note text NOT NULL)");
        return new Commits(
                program, Folders.write(directory.resolve("commits.sql"), SCRIPT), cluster);
    }

    /** From now on commits return when the store has them; before, when the server's disk has. */
    void synchronous(boolean on) throws SQLException, InterruptedException {
        cluster.execute(
                "ALTER SYSTEM SET synchronous_standby_names = '" + (on ? STREAM : "") + "'",
                "SELECT pg_reload_conf()");
        long end = System.nanoTime() + SYNCHRONOUS_WITHIN.toNanos();
        String wanted = on ? "sync" : "async";
        while (!state().equals(wanted)) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the stream does not become " + wanted);
            }
            Thread.sleep(LOOK);
        }
    }

    private String state() throws SQLException {
        return cluster.ask(
                "SELECT (SELECT sync_state FROM pg_stat_replication WHERE application_name = '"
                        + STREAM
                        + "')");
    }

    /** Commits a second. */
    double rate(int clients, int seconds) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        program.toString(),
                        "--no-vacuum",
                        "--client=" + clients,
                        "--jobs=" + Math.min(clients, 2),
                        "--time=" + seconds,
                        "--file=" + script,
                        "--host=" + cluster.address().host(),
                        "--port=" + cluster.address().port(),
                        "--username=" + cluster.superuser(),
                        SourceCluster.DATABASE);
        builder.environment().put("PGPASSWORD", cluster.password().reveal());
        ToolRun run =
                ToolRun.of(
                                "pgbench",
                                builder,
                                script.resolveSibling("pgbench.log"),
                                Duration.ofSeconds(seconds + 60L))
                        .requireSuccess();
        Matcher rate = RATE.matcher(run.printed());
        if (!rate.find()) {
            throw new IllegalStateException("pgbench tells no rate: " + run.printed());
        }
        return Double.parseDouble(rate.group(1));
    }
}

package io.cairn.local;

import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Proves the whole circle: every tier gets a full backup that is catalogued, validated, drilled and
 * complete in every copy its policy names; then the {@code shop} cluster is frozen, backed up once
 * more, and restored with Kafka and all services stopped; the restored server must hold what the
 * still source holds.
 */
final class Once {

    private static final Duration PROTECTED_WITHIN = Duration.ofMinutes(15);
    private static final Duration RESTORED_WITHIN = Duration.ofMinutes(10);
    private static final Duration SILENT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final SampleCluster FROZEN = SampleCluster.SHOP;

    private final Console console;
    private final Platform platform;
    private final StateFolder state;
    private final Path sources;
    private final CatalogApi catalog;

    Once(Console console, Platform platform, StateFolder state, Path sources) {
        this.console = console;
        this.platform = platform;
        this.state = state;
        this.sources = sources;
        this.catalog = new CatalogApi(platform.catalog());
    }

    /**
     * Returns when everything held, with the result printed.
     *
     * @throws Exception naming what did not
     */
    void prove() throws Exception {
        console.heading("A full backup of every tier");
        List<FollowedRun> runs = new ArrayList<>();
        for (SampleCluster sample : SampleCluster.values()) {
            runs.add(request(sample));
        }
        awaitProtected(runs);

        console.heading("One more of " + FROZEN.id() + ", standing still");
        SampleDatabase source =
                platform.samples().stream()
                        .filter(sample -> sample.sample() == FROZEN)
                        .findFirst()
                        .orElseThrow();
        source.stopWriting();
        FollowedRun frozen = request(FROZEN);
        awaitProtected(List.of(frozen));

        console.heading("Restored from the bucket, with Kafka and all services stopped");
        console.step(
                "stopped",
                () -> {
                    platform.stopControlPlane();
                    return "kafka, scheduler, executor, catalog, validator, replication";
                });
        long rows = restoreAndCompare(source, frozen.label());
        print(runs, frozen, rows);
    }

    private FollowedRun request(SampleCluster sample) throws Exception {
        return new FollowedRun(catalog, sample, catalog.requestFull(sample.id()));
    }

    /**
     * Tells every step that a run takes, until all are protected; fails as soon as one cannot be
     * any more, naming what is wrong.
     */
    private void awaitProtected(List<FollowedRun> runs) throws Exception {
        Instant start = Instant.now();
        Instant told = start;
        List<FollowedRun> open = new ArrayList<>(runs);
        while (!open.isEmpty()) {
            for (FollowedRun run : List.copyOf(open)) {
                for (String news : run.ask()) {
                    told = tell(run, news, start);
                }
                if (run.isProtected()) {
                    open.remove(run);
                }
            }
            String now = String.join(", ", open.stream().map(FollowedRun::now).toList());
            requireAll(now, start);
            if (console.isTerminal()) {
                console.status("… " + now);
            } else if (!told.plus(SILENT).isAfter(Instant.now())) {
                console.line("  … " + now);
                told = Instant.now();
            }
            Thread.sleep(POLL);
        }
    }

    private Instant tell(FollowedRun run, String news, Instant start) {
        console.done(
                run.sample().tier().id(),
                run.label() + "  " + news,
                Duration.between(start, Instant.now()));
        return Instant.now();
    }

    private void requireAll(String now, Instant start) {
        platform.endedByItself()
                .ifPresent(part -> {
                    throw new IllegalStateException(
                            part + " ended by itself (" + now + "); its log is " + state.log(part));
                });
        if (Instant.now().isAfter(start.plus(PROTECTED_WITHIN))) {
            throw new IllegalStateException(
                    "not protected within " + PROTECTED_WITHIN.toMinutes() + " min: " + now);
        }
    }

    private long restoreAndCompare(SampleDatabase source, String label) throws Exception {
        Path target = state.data("once-restored");
        FileTrees.delete(target);
        console.step(
                "cairn restore",
                () -> {
                    cairn(
                            "restore",
                            "--cluster",
                            FROZEN.id(),
                            "--set",
                            label,
                            "--target-dir",
                            target.toString());
                    return target;
                });
        long[] rows = new long[1];
        console.step(
                "compared",
                () -> {
                    List<TableDigest> expected =
                            TableDigests.ofCluster(source.server()::connect, "postgres");
                    List<TableDigest> restored = boot(target);
                    List<String> differences = TableDigests.differences(expected, restored);
                    if (!differences.isEmpty()) {
                        throw new IllegalStateException(
                                "the restored cluster differs: " + String.join("; ", differences));
                    }
                    rows[0] = expected.stream().mapToLong(TableDigest::rows).sum();
                    return rows[0] + " rows in " + expected.size() + " tables, equal";
                });
        FileTrees.delete(target);
        return rows[0];
    }

    private List<TableDigest> boot(Path target) throws Exception {
        try (LocalServer server =
                LocalServer.on(PostgresBinaries.find(LocalPostgres.MAJOR), target)
                        .privateSocket()
                        .ownConfigurationOnly()
                        .logFile(state.log("once-restored"))
                        .start()) {
            return TableDigests.ofCluster(server::connect, "postgres");
        }
    }

    private void cairn(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(sources.resolve("deploy/bin/cairn").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("CAIRN_CONFIG", state.config().toString());
        Path output = state.log("once-cairn");
        builder.redirectOutput(output.toFile());
        Process process = builder.start();
        boolean ended = false;
        try {
            ended = process.waitFor(RESTORED_WITHIN.toSeconds(), TimeUnit.SECONDS);
        } finally {
            // Also when the platform is stopped meanwhile; the script hands it on.
            process.destroy();
        }
        if (!ended) {
            throw new IllegalStateException(
                    "cairn "
                            + arguments[0]
                            + " took longer than "
                            + RESTORED_WITHIN.toMinutes()
                            + " min");
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException(
                    "cairn "
                            + arguments[0]
                            + " ended with "
                            + process.exitValue()
                            + ": "
                            + Files.readString(output).strip());
        }
    }

    private void print(List<FollowedRun> runs, FollowedRun frozen, long rows) {
        console.heading("Result");
        String format = "  %-8s %-20s %9s %9s %7s %10s %9s %14s";
        console.line(
                format.formatted(
                        "tier",
                        "label",
                        "bytes in",
                        "stored",
                        "MB/s",
                        "drill RTO",
                        "repl. lag",
                        "rows compared"));
        for (FollowedRun run : runs) {
            boolean restored = run.sample() == FROZEN;
            List<String> row = new ArrayList<>((restored ? frozen : run).row());
            row.add(restored ? Long.toString(rows) : "–");
            console.line(format.formatted(row.toArray()));
        }
    }
}

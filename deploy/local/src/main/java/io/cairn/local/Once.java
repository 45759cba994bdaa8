package io.cairn.local;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

    /** Whether everything held; what did not is printed. */
    boolean prove() throws Exception {
        Map<SampleCluster, JsonNode> backups = new LinkedHashMap<>();
        console.heading("A full backup of every tier");
        Map<SampleCluster, String> runs = new LinkedHashMap<>();
        for (SampleCluster sample : SampleCluster.values()) {
            runs.put(sample, catalog.requestFull(sample.id()));
        }
        for (Map.Entry<SampleCluster, String> run : runs.entrySet()) {
            backups.put(run.getKey(), awaitProtected(run.getKey(), run.getValue()));
        }

        console.heading("One more of " + FROZEN.id() + ", standing still");
        SampleDatabase source =
                platform.samples().stream()
                        .filter(sample -> sample.sample() == FROZEN)
                        .findFirst()
                        .orElseThrow();
        source.stopWriting();
        JsonNode frozen = awaitProtected(FROZEN, catalog.requestFull(FROZEN.id()));
        backups.put(FROZEN, frozen);

        console.heading("Restored from the bucket, with Kafka and all services stopped");
        console.step(
                "stopped",
                () -> {
                    platform.stopControlPlane();
                    return "kafka, scheduler, executor, catalog, validator, replication";
                });
        long rows = restoreAndCompare(source, frozen.path("label").asText());
        print(backups, rows);
        return true;
    }

    /**
     * Waits until the run's backup is protected; fails as soon as it cannot be any more, naming
     * what is wrong.
     */
    private JsonNode awaitProtected(SampleCluster sample, String run) throws Exception {
        Instant start = Instant.now();
        String label = run.substring(run.indexOf(':') + 1);
        Instant end = start.plus(PROTECTED_WITHIN);
        String missing = "its run has not begun";
        while (Instant.now().isBefore(end)) {
            Optional<JsonNode> backup = committed(run, label);
            if (backup.isPresent()) {
                missing = missing(backup.get());
                if (missing.isEmpty()) {
                    console.done(
                            sample.tier().id(),
                            label + "  catalogued, validated, drilled, copied",
                            Duration.between(start, Instant.now()));
                    return backup.get();
                }
            }
            Thread.sleep(POLL);
        }
        console.failed(sample.tier().id(), run + ": " + missing);
        throw new IllegalStateException(
                run
                        + " was not protected within "
                        + PROTECTED_WITHIN.toMinutes()
                        + " min: "
                        + missing);
    }

    private Optional<JsonNode> committed(String run, String label) throws Exception {
        JsonNode seen;
        try {
            seen = catalog.run(run);
        } catch (IOException e) {
            // The catalog has not heard of it yet.
            return Optional.empty();
        }
        return switch (seen.path("state").asText()) {
            case "completed" ->
                    Optional.of(catalog.backup(run.substring(0, run.indexOf(':')), label));
            case "failed" ->
                    throw new IllegalStateException(
                            run
                                    + " failed: "
                                    + seen.at("/error/message").asText()
                                    + " hint: "
                                    + seen.at("/error/hint").asText());
            case "skipped" ->
                    throw new IllegalStateException(
                            run + " was skipped: " + seen.path("reason").asText());
            default -> Optional.empty();
        };
    }

    /** What the backup still lacks; empty when nothing. */
    private static String missing(JsonNode backup) {
        String state = backup.path("state").asText();
        if (state.equals("invalid") || state.equals("damaged")) {
            throw new IllegalStateException(
                    backup.path("run").asText() + " is " + state + ": " + backup.path("copies"));
        }
        boolean drilled = false;
        for (JsonNode copy : backup.path("copies")) {
            drilled |= copy.has("drilledAt");
            if (copy.has("drillSkipped")) {
                throw new IllegalStateException(
                        backup.path("run").asText()
                                + " could not be drilled: "
                                + copy.path("drillSkipped").asText());
            }
        }
        if (!state.equals("protected")) {
            return "it is only " + state + ", " + backup.path("copies");
        }
        return drilled ? "" : "its drill has not ended";
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
        if (!process.waitFor(RESTORED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
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
                            + java.nio.file.Files.readString(output).strip());
        }
    }

    private void print(Map<SampleCluster, JsonNode> backups, long rows) {
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
        backups.forEach((sample, backup) ->
                console.line(
                        format.formatted(
                                sample.tier(),
                                backup.path("label").asText(),
                                megabytes(backup.path("bytesIn").asLong()),
                                megabytes(backup.path("bytesStored").asLong()),
                                rate(backup),
                                seconds(copyField(backup, "rto")),
                                seconds(copyField(backup, "lag")),
                                sample == FROZEN ? Long.toString(rows) : "–")));
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    private static String rate(JsonNode backup) {
        Duration took =
                Duration.between(
                        Instant.parse(backup.path("startedAt").asText()),
                        Instant.parse(backup.path("completedAt").asText()));
        return String.format(
                Locale.ROOT,
                "%.0f",
                backup.path("bytesIn").asLong() / 1e3 / Math.max(1, took.toMillis()));
    }

    /** The longest of the field over the copies. */
    private static Optional<Duration> copyField(JsonNode backup, String field) {
        Optional<Duration> longest = Optional.empty();
        for (JsonNode copy : backup.path("copies")) {
            if (copy.has(field)) {
                Duration value = Duration.parse(copy.path(field).asText());
                longest =
                        longest.filter(known -> known.compareTo(value) >= 0)
                                .or(() -> Optional.of(value));
            }
        }
        return longest;
    }

    private static String seconds(Optional<Duration> duration) {
        return duration.map(
                        value -> String.format(Locale.ROOT, "%.1f s", value.toMillis() / 1000.0))
                .orElse("–");
    }
}

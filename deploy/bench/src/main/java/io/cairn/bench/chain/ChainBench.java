package io.cairn.bench.chain;

import io.cairn.bench.Bench;
import io.cairn.bench.CairnRuns;
import io.cairn.bench.Folders;
import io.cairn.bench.Installation;
import io.cairn.bench.Machine;
import io.cairn.bench.Medians;
import io.cairn.bench.PostgresTools;
import io.cairn.bench.SourceCluster;
import io.cairn.bench.StoreServer;
import io.cairn.bench.ToolRun;
import io.cairn.config.Secret;
import io.cairn.executor.basebackup.ChainSettings;
import io.cairn.executor.basebackup.RunSettings;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A full and its incrementals, taken by the executor's own pipeline from a server that changes in
 * between, then restored: by Cairn, which lays the incrementals over the full while it restores,
 * and by unpacking every backup and {@code pg_combinebackup}. Both leave a durable directory. What
 * is compared alternates, and what counts is the median of the rounds' ratios.
 *
 * <p>Exit codes: 0 measured, 1 failed, 2 misuse, 3 nothing may be claimed (libdeflate is missing).
 */
final class ChainBench {

    private static final int LEVEL = 6;
    private static final int MAJOR = 18;
    private static final ClusterName CLUSTER = new ClusterName("business");
    private static final Duration LIMIT = Duration.ofHours(1);

    /** Cluster with its WAL, store, what Cairn restores, what is unpacked, and its result. */
    private static final int SPACE_FACTOR = 7;

    private final Options options;
    private final PrintStream out;

    private ChainBench(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    public static void main(String[] arguments) {
        Bench.exit(
                Options.USAGE,
                arguments,
                (words, out) -> new ChainBench(Options.parse(words), out).run());
    }

    /**
     * What a round took, in seconds.
     *
     * @param combined by pg_combinebackup alone; 0 without it
     */
    private record Round(double cairn, double unpacked, double combined) {
        double plain() {
            return unpacked + combined;
        }
    }

    private int run() throws Exception {
        if (!Bench.mayClaim(out)) {
            return Bench.NO_CLAIM;
        }
        Bench.requireSpace(options.directory(), options.clusterBytes() * SPACE_FACTOR);
        out.println("A chain of backups, " + LocalDate.now(ZoneOffset.UTC));
        out.println(
                "machine     " + Machine.describe() + "; load at the beginning " + Machine.load());
        Secret password = Folders.randomSecret();
        try (SourceCluster cluster =
                        SourceCluster.start(
                                Folders.create(options.directory().resolve("cluster")),
                                MAJOR,
                                password,
                                Map.of("summarize_wal", "on"));
                StoreServer server =
                        StoreServer.start(
                                Folders.create(options.directory().resolve("s3")),
                                Folders.randomSecret())) {
            Installation.Store store = Installation.Store.on(server, "cairn");
            Installation installation =
                    Installation.create(
                            options.directory().resolve("cairn"),
                            List.of(
                                    new Installation.Cluster(
                                            CLUSTER,
                                            Tier.OLTP,
                                            cluster.address(),
                                            password,
                                            List.of(store))),
                            List.of(store),
                            LEVEL);
            ChainSettings chains =
                    new ChainSettings(
                            options.incrementals(),
                            Duration.ofDays(2),
                            Duration.ofMinutes(2),
                            Duration.ofMinutes(1));
            try (CairnRuns runs =
                    CairnRuns.of(
                            installation,
                            CLUSTER,
                            store.name(),
                            RunSettings.DEFAULT.withAttempts(1).withChains(chains))) {
                List<CommitObject> chain = chain(cluster, runs);
                out.println("Digests of the source's tables ...");
                List<TableDigest> source = TableDigests.ofCluster(cluster::connect, "postgres");
                compare(runs, chain, source);
            }
        }
        return Bench.MEASURED;
    }

    /** A minute apart by their names. */
    private List<CommitObject> chain(SourceCluster cluster, CairnRuns runs) throws Exception {
        out.printf(Locale.ROOT, "Filling a cluster of %.0f MB ...%n", options.clusterBytes() / 1e6);
        cluster.fill(options.clusterBytes());
        out.println("server      PostgreSQL " + cluster.version());
        Instant begin =
                Instant.now()
                        .truncatedTo(ChronoUnit.MINUTES)
                        .minus(Duration.ofMinutes(options.incrementals()));
        List<CommitObject> chain = new ArrayList<>();
        chain.add(runs.take(BackupKind.FULL, begin));
        describe(chain.getLast());
        for (int step = 1; step <= options.incrementals(); step++) {
            change(cluster, step);
            CommitObject incremental =
                    runs.take(BackupKind.INCREMENTAL, begin.plus(Duration.ofMinutes(step)));
            if (!incremental.parent().equals(Optional.of(chain.getLast().label()))) {
                throw new IllegalStateException(
                        incremental.label()
                                + " is not on top of "
                                + chain.getLast().label()
                                + ": "
                                + incremental.reason().orElse("no reason"));
            }
            chain.add(incremental);
            describe(incremental);
        }
        return chain;
    }

    /** Rows added, one in fifty orders changed, and what that leads to. */
    private static void change(SourceCluster cluster, int step) throws Exception {
        cluster.addChunk();
        cluster.execute(
                "UPDATE orders SET status = 'returned' WHERE id % 50 = " + step,
                "UPDATE job SET finished_at = now() WHERE id % 100 = " + step,
                "CHECKPOINT");
    }

    private void describe(CommitObject backup) {
        out.printf(
                Locale.ROOT,
                "backup      %s, %.1f MB of tar, %.1f MB stored%n",
                backup.label(),
                backup.bytesIn() / 1e6,
                backup.parts().mapToLong(part -> part.length()).sum() / 1e6);
    }

    private void compare(CairnRuns runs, List<CommitObject> chain, List<TableDigest> source)
            throws Exception {
        Optional<Path> combine = PostgresTools.program(MAJOR, "pg_combinebackup");
        if (combine.isEmpty()) {
            out.println(
                    "NOTE        pg_combinebackup of PostgreSQL "
                            + MAJOR
                            + " is not at hand: Cairn is compared with unpacking alone");
        }
        Path restored = options.directory().resolve("restored");
        List<Path> cairns =
                List.of(Folders.create(restored), Path.of(System.getProperty("java.io.tmpdir")));
        Path plain = Folders.create(options.directory().resolve("plain"));
        long before = PeakDisk.bytes(cairns);
        out.println();
        out.printf(
                "%-10s %10s %12s %18s %10s%n",
                "restore", "Cairn, s", "unpacked, s", "pg_combinebackup, s", "ratio");
        List<Round> rounds = new ArrayList<>();
        long cairnExtra = 0;
        long plainExtra = 0;
        for (int number = 0; number <= options.rounds(); number++) {
            Path target = restored.resolve("data");
            Folders.delete(target);
            double[] cairn = new double[1];
            if (number == 0) {
                // Who watches takes time: in the round that does not count.
                long peak =
                        PeakDisk.of(
                                cairns, () -> cairn[0] = restore(runs, chain.getLast(), target));
                cairnExtra = peak - before - PeakDisk.bytes(List.of(target));
            } else {
                cairn[0] = restore(runs, chain.getLast(), target);
            }
            double unpacked = unpack(runs, chain, plain);
            plainExtra = PeakDisk.bytes(List.of(plain));
            double combined = combine.isPresent() ? combine(combine.get(), chain, plain) : 0;
            Round round = new Round(cairn[0], unpacked, combined);
            out.printf(
                    Locale.ROOT,
                    "%-10s %10.2f %12.2f %18.2f %10.2f%n",
                    number == 0 ? "discarded" : "round " + number,
                    round.cairn(),
                    round.unpacked(),
                    round.combined(),
                    round.cairn() / round.plain());
            rounds.add(round);
            Folders.delete(plain);
            Folders.create(plain);
        }
        check(restored.resolve("data"), source);
        List<Round> measured = rounds.subList(1, rounds.size());
        out.printf(
                Locale.ROOT,
                "extra disk  Cairn %.1f MB, unpacked backups beside the result %.1f MB%n",
                cairnExtra / 1e6,
                plainExtra / 1e6);
        if (combine.isPresent()) {
            out.printf(
                    Locale.ROOT,
                    "Cairn's whole restore ÷ pg_combinebackup's own time %.2f%n",
                    Medians.of(measured, it -> it.cairn() / it.combined()));
        }
        out.println("load at the end " + Machine.load());
        out.println();
        out.printf(
                Locale.ROOT,
                "RESULT chain_vs_plain_ratio=%.2f chain_extra_disk_mb=%.1f%n",
                Medians.of(measured, it -> it.cairn() / it.plain()),
                cairnExtra / 1e6);
    }

    private static double restore(CairnRuns runs, CommitObject backup, Path target)
            throws IOException, InterruptedException {
        Machine.settle();
        long begin = System.nanoTime();
        runs.restore(backup, target);
        return seconds(begin);
    }

    private static double unpack(CairnRuns runs, List<CommitObject> chain, Path plain)
            throws IOException, InterruptedException {
        Machine.settle();
        long begin = System.nanoTime();
        for (CommitObject backup : chain) {
            RawBackup.unpack(runs, backup, plain.resolve(backup.label().toString()));
        }
        return seconds(begin);
    }

    private static double combine(Path program, List<CommitObject> chain, Path plain)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(program.toString(), "-o", plain.resolve("combined").toString()));
        chain.forEach(backup -> command.add(plain.resolve(backup.label().toString()).toString()));
        long begin = System.nanoTime();
        run(command, plain.resolve("output"));
        return seconds(begin);
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private static void run(List<String> command, Path output)
            throws IOException, InterruptedException {
        ToolRun.of(command.getFirst(), new ProcessBuilder(command), output, LIMIT).requireSuccess();
    }

    /** What was fast must be right too. */
    private void check(Path directory, List<TableDigest> source) throws Exception {
        Optional<Path> verify = PostgresTools.program(MAJOR, "pg_verifybackup");
        if (verify.isPresent()) {
            run(
                    List.of(
                            verify.get().toString(),
                            "--quiet",
                            "--no-parse-wal",
                            directory.toString()),
                    options.directory().resolve("verify.log"));
            out.println("pg_verifybackup accepts what Cairn restored");
        }
        try (LocalServer server =
                LocalServer.on(PostgresBinaries.find(MAJOR), directory)
                        .privateSocket()
                        .ownConfigurationOnly()
                        .start()) {
            List<String> differences =
                    TableDigests.differences(
                            source, TableDigests.ofCluster(server::connect, "postgres"));
            if (!differences.isEmpty()) {
                throw new CairnException(
                        ErrorCode.MANIFEST_MISMATCH,
                        "what Cairn restored is not the source: " + differences,
                        "report it");
            }
        }
        out.println("every table of the restored cluster is the source's, row for row");
    }
}

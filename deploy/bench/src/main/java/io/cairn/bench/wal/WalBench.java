package io.cairn.bench.wal;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.bench.Bench;
import io.cairn.bench.CairnRuns;
import io.cairn.bench.Cost;
import io.cairn.bench.CostMeter;
import io.cairn.bench.ExecutorProcess;
import io.cairn.bench.Folders;
import io.cairn.bench.Installation;
import io.cairn.bench.Machine;
import io.cairn.bench.Medians;
import io.cairn.bench.PgBackRestTool;
import io.cairn.bench.PostgresTools;
import io.cairn.bench.SourceCluster;
import io.cairn.bench.StoreServer;
import io.cairn.config.Secret;
import io.cairn.executor.basebackup.RunSettings;
import io.cairn.model.BackupKind;
import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.wal.WalLayout;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * WAL in three parts, all against one S3 server over TLS: archived by the packaged executor beside
 * pgBackRest and {@code pg_receivewal}; replayed while it is fetched beside replay from the local
 * disk; and commits that wait for the store. What is compared alternates, the first round is
 * discarded, and what counts is the median of the rounds' ratios.
 *
 * <p>Exit codes: 0 measured, 1 failed, 2 misuse, 3 nothing may be claimed (libdeflate is missing).
 */
final class WalBench {

    private static final int LEVEL = 6;
    private static final int MAJOR = 15;

    /** What the cluster has before the WAL that is measured. */
    private static final long CLUSTER_BYTES = 100_000_000L;

    /** WAL in pg_wal, twice archived, copied for the replay; and what it leads to. */
    private static final int SPACE_FACTOR = 6;

    /** An executor's with one run and one busy stream (docs/configuration.md, Sizing). */
    private static final List<String> JVM = List.of("-Xmx432m");

    /** For each round of archiving: they are short, so that little disturbs them much. */
    private static final int REPLAYS = 2;

    private static final int[] CLIENTS = {1, 8, 32};
    private static final int[] DELAYS = {0, 20, 60};
    private static final int MOST_CLIENTS = 32;
    private static final int DELAY = 20;

    /** Clients ÷ delay: no commit can return sooner than one request later. */
    private static final double BOUND = MOST_CLIENTS / (DELAY / 1e3);

    private final Options options;
    private final PrintStream out;

    private WalBench(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    public static void main(String[] arguments) {
        Bench.exit(
                Options.USAGE,
                arguments,
                (words, out) -> new WalBench(Options.parse(words), out).run());
    }

    /** What a round of archiving came to. */
    private record Archived(Cost cairn, Cost pgBackRest, Cost receiveWal) {}

    /** What a round of replay took. */
    private record Replayed(double fetched, double local) {}

    /** Commits a second with 32 clients, without delay and with 20 ms. */
    private record Rates(double near, double far) {
        double efficiency() {
            return far / Math.min(BOUND, near);
        }
    }

    private int run() throws Exception {
        if (!Bench.mayClaim(out)) {
            return Bench.NO_CLAIM;
        }
        Bench.requireSpace(options.directory(), CLUSTER_BYTES + options.walBytes() * SPACE_FACTOR);
        out.println("Cairn's WAL, " + LocalDate.now(ZoneOffset.UTC));
        out.println(
                "machine     " + Machine.describe() + "; load at the beginning " + Machine.load());
        StringBuilder result = new StringBuilder("RESULT");
        try (StoreServer store =
                StoreServer.start(
                        Folders.create(options.directory().resolve("s3")),
                        Folders.randomSecret())) {
            if (options.wants(Options.Part.ARCHIVE) || options.wants(Options.Part.REPLAY)) {
                archiveAndReplay(store, result);
            }
            if (options.wants(Options.Part.COMMITS)) {
                commits(store, result);
            }
        }
        out.println();
        out.println("load at the end " + Machine.load());
        out.println();
        out.println(result);
        return Bench.MEASURED;
    }

    private void archiveAndReplay(StoreServer server, StringBuilder result) throws Exception {
        Secret password = Folders.randomSecret();
        try (SourceCluster cluster =
                SourceCluster.start(
                        Folders.create(options.directory().resolve("cluster")),
                        MAJOR,
                        password,
                        Map.of("max_wal_senders", "10", "checkpoint_timeout", "1h"))) {
            Installation.Store store = Installation.Store.on(server, "cairn");
            Installation installation =
                    Installation.create(
                            options.directory().resolve("cairn"),
                            List.of(
                                    new Installation.Cluster(
                                            Workload.CLUSTER,
                                            Tier.OLTP,
                                            cluster.address(),
                                            password,
                                            List.of(store))),
                            List.of(store),
                            LEVEL);
            try (CairnRuns runs =
                    CairnRuns.of(
                            installation,
                            Workload.CLUSTER,
                            store.name(),
                            RunSettings.DEFAULT.withAttempts(1))) {
                Workload workload = workload(cluster, runs);
                archive(installation, runs, server, workload, result);
                if (options.wants(Options.Part.REPLAY)) {
                    replay(runs, workload, result);
                }
            }
        }
    }

    private Workload workload(SourceCluster cluster, CairnRuns runs) throws Exception {
        out.printf(
                Locale.ROOT,
                "Filling a cluster, and writing %.0f MB of WAL ...%n",
                options.walBytes() / 1e6);
        cluster.fill(CLUSTER_BYTES);
        Lsn begin = Workload.keepWal(cluster);
        runs.take(BackupKind.FULL, Instant.now());
        return Workload.write(cluster, begin, options.walBytes(), out);
    }

    /** In any case once: what is replayed must be in the store. */
    private void archive(
            Installation installation,
            CairnRuns runs,
            StoreServer server,
            Workload workload,
            StringBuilder result)
            throws Exception {
        SourceCluster cluster = workload.cluster();
        workload.rewind(Workload.SLOTS.streaming());
        workload.rewind(Workload.SLOTS.retained());
        SystemIdentifier system =
                SystemIdentifier.parse(
                        cluster.ask("SELECT system_identifier FROM pg_control_system()"));
        WalLayout layout = new WalLayout(new ClusterRoot(Workload.CLUSTER, system));
        CostMeter meter = new CostMeter(cluster::cpu, server::cpu);
        try (ExecutorProcess executor = start(installation, Tier.OLTP, "executor.log")) {
            executor.awaitStream();
            CairnArchiver cairn = new CairnArchiver(workload, executor, runs, layout);
            if (!options.wants(Options.Part.ARCHIVE)) {
                round(cairn, meter);
                return;
            }
            PgBackRestArchiver pgBackRest =
                    PgBackRestArchiver.create(
                            options.directory().resolve("pgbackrest"), workload, server, LEVEL);
            ReceiveWalArchiver receiveWal =
                    new ReceiveWalArchiver(
                            PostgresTools.client(MAJOR, "pg_receivewal"),
                            options.directory().resolve("received"),
                            workload,
                            LEVEL);
            out.println();
            out.printf(
                    Locale.ROOT,
                    "archive     %d segments of WAL of PostgreSQL %s, %.0f MB, gzip -6 makes them %.2f times smaller%n",
                    workload.segments().size(),
                    cluster.version(),
                    workload.bytes() / 1e6,
                    workload.ratio());
            out.println(
                    "            Cairn: gzip level %d by %s, AES-256-GCM, S3; pgBackRest %s: archive-async, gz level %d by zlib, aes-256-cbc, S3, process-max=%d; pg_receivewal: gzip level %d, local directory"
                            .formatted(
                                    LEVEL,
                                    GzipCodec.best().name(),
                                    PgBackRestTool.version(),
                                    LEVEL,
                                    Machine.cores(),
                                    LEVEL));
            out.println();
            out.printf(
                    "%-10s %-14s %8s %8s %8s %8s %11s %8s %9s %8s%n",
                    "archive",
                    "",
                    "seconds",
                    "MB/s",
                    "CPU s",
                    "MB/CPU s",
                    "server CPU",
                    "S3 CPU",
                    "peak RSS",
                    "stored");
            List<Archived> rounds = new ArrayList<>();
            for (int number = 0; number <= options.rounds(); number++) {
                rounds.add(
                        new Archived(
                                row(number, cairn, workload, round(cairn, meter)),
                                row(number, pgBackRest, workload, round(pgBackRest, meter)),
                                row(number, receiveWal, workload, round(receiveWal, meter))));
            }
            List<Archived> measured = rounds.subList(1, rounds.size());
            // The same megabytes for all: the ratio of what a CPU second archives.
            double ratio = Medians.of(measured, it -> cpu(it.pgBackRest()) / cpu(it.cairn()));
            out.printf(
                    Locale.ROOT,
                    "MB a CPU second, Cairn ÷ pgBackRest %.2f, Cairn ÷ pg_receivewal %.2f; with the server's CPU %.2f and %.2f%n",
                    ratio,
                    Medians.of(measured, it -> cpu(it.receiveWal()) / cpu(it.cairn())),
                    Medians.of(
                            measured, it -> it.pgBackRest().cpuSeconds() / it.cairn().cpuSeconds()),
                    Medians.of(
                            measured,
                            it -> it.receiveWal().cpuSeconds() / it.cairn().cpuSeconds()));
            result.append(String.format(Locale.ROOT, " wal_cpu_ratio=%.2f", ratio));
            cairn.prepare();
            cairn.archive();
        }
    }

    private ExecutorProcess start(Installation installation, Tier tier, String log)
            throws IOException {
        return ExecutorProcess.start(
                ExecutorProcess.packaged(),
                installation.file(),
                tier,
                options.directory().resolve(log),
                JVM,
                Map.of());
    }

    private static double cpu(Cost cost) {
        return Cost.seconds(cost.client());
    }

    private static Cost round(Archiver archiver, CostMeter meter) throws Exception {
        archiver.prepare();
        return meter.measure(archiver, archiver::archive);
    }

    private Cost row(int number, Archiver archiver, Workload workload, Cost cost) throws Exception {
        double megabytes = workload.bytes() / 1e6;
        out.printf(
                Locale.ROOT,
                "%-10s %-14s %8.2f %8.1f %8.2f %8.1f %11.2f %8.2f %6.0f MB %5.1f MB%n",
                name(number),
                archiver.name(),
                cost.seconds(),
                megabytes / cost.seconds(),
                cpu(cost),
                megabytes / cpu(cost),
                Cost.seconds(cost.server()),
                Cost.seconds(cost.store()),
                cost.peakBytes() / 1e6,
                archiver.stored() / 1e6);
        return cost;
    }

    private static String name(int number) {
        return number == 0 ? "discarded" : "round " + number;
    }

    private void replay(CairnRuns runs, Workload workload, StringBuilder result) throws Exception {
        Replay replay = new Replay(workload, runs, options.directory().resolve("recovered"));
        out.println();
        out.printf("%-10s %14s %14s%n", "replay", "fetched, s", "local, s");
        List<Replayed> rounds = new ArrayList<>();
        for (int number = 0; number <= REPLAYS * options.rounds(); number++) {
            Replayed round =
                    new Replayed(Cost.seconds(replay.fetched()), Cost.seconds(replay.local()));
            out.printf(
                    Locale.ROOT,
                    "%-10s %14.2f %14.2f%n",
                    name(number),
                    round.fetched(),
                    round.local());
            rounds.add(round);
        }
        replay.clean();
        List<Replayed> measured = rounds.subList(1, rounds.size());
        double megabytes = workload.bytes() / 1e6;
        out.printf(
                Locale.ROOT,
                "MB/s       %14.1f %14.1f%n",
                megabytes / Medians.of(measured, Replayed::fetched),
                megabytes / Medians.of(measured, Replayed::local));
        result.append(
                String.format(
                        Locale.ROOT,
                        " replay_vs_local_ratio=%.2f",
                        Medians.of(measured, it -> it.fetched() / it.local())));
    }

    private void commits(StoreServer server, StringBuilder result) throws Exception {
        Secret password = Folders.randomSecret();
        try (SlowLink link = SlowLink.to(server.server().port());
                SourceCluster cluster =
                        SourceCluster.start(
                                Folders.create(options.directory().resolve("queue")),
                                MAJOR,
                                password,
                                Map.of("max_connections", "60"))) {
            Installation.Store store =
                    Installation.Store.on(server, "far")
                            .behind(URI.create("https://127.0.0.1:" + link.port()));
            Installation installation =
                    Installation.create(
                            options.directory().resolve("cairn-queue"),
                            List.of(
                                    new Installation.Cluster(
                                            Commits.CLUSTER,
                                            Tier.QUEUE,
                                            cluster.address(),
                                            password,
                                            List.of(store))),
                            List.of(store),
                            LEVEL);
            Path program = PostgresTools.client(MAJOR, "pgbench");
            Commits commits = Commits.create(program, options.directory(), cluster);
            try (ExecutorProcess executor = start(installation, Tier.QUEUE, "executor-queue.log")) {
                executor.awaitStream();
                prices(commits, link);
                List<Rates> rounds = new ArrayList<>();
                for (int number = 1; number <= options.rounds(); number++) {
                    Rates rates =
                            new Rates(
                                    rate(commits, link, 0, MOST_CLIENTS),
                                    rate(commits, link, DELAY, MOST_CLIENTS));
                    out.printf(
                            Locale.ROOT,
                            "round %d     %d clients: %.0f without delay, %.0f with %d ms, efficiency %.2f%n",
                            number,
                            MOST_CLIENTS,
                            rates.near(),
                            rates.far(),
                            DELAY,
                            rates.efficiency());
                    rounds.add(rates);
                }
                commits.synchronous(false);
                result.append(
                        String.format(
                                Locale.ROOT,
                                " sync_group_efficiency=%.2f",
                                Medians.of(rounds, Rates::efficiency)));
            }
        }
    }

    private void prices(Commits commits, SlowLink link) throws Exception {
        out.println();
        out.println("commits a second (the first, of 32 clients that wait, is discarded)");
        commits.synchronous(true);
        rate(commits, link, 0, MOST_CLIENTS);
        commits.synchronous(false);
        out.printf(
                "%-10s %14s %14s %14s %14s%n",
                "clients", "asynchronous", "sync, 0 ms", "20 ms", "60 ms");
        double[] asynchronous = new double[CLIENTS.length];
        for (int i = 0; i < CLIENTS.length; i++) {
            asynchronous[i] = rate(commits, link, 0, CLIENTS[i]);
        }
        commits.synchronous(true);
        for (int i = 0; i < CLIENTS.length; i++) {
            out.printf(Locale.ROOT, "%-10d %14.0f", CLIENTS[i], asynchronous[i]);
            for (int delay : DELAYS) {
                out.printf(Locale.ROOT, " %14.0f", rate(commits, link, delay, CLIENTS[i]));
            }
            out.println();
        }
    }

    private double rate(Commits commits, SlowLink link, int delayMillis, int clients)
            throws IOException, InterruptedException {
        link.delay(Duration.ofMillis(delayMillis));
        return commits.rate(clients, options.seconds());
    }
}

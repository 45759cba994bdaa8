package io.cairn.bench.backup;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.bench.Bench;
import io.cairn.bench.Cost;
import io.cairn.bench.CostMeter;
import io.cairn.bench.Folders;
import io.cairn.bench.Machine;
import io.cairn.bench.PgBackRestTool;
import io.cairn.bench.SourceCluster;
import io.cairn.bench.StoreServer;
import io.cairn.bench.ToolRun;
import io.cairn.config.Secret;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Cairn beside pgBackRest: full backups of one cluster to one S3 server over TLS, compressed and
 * encrypted, and their restores. Pairs alternate, the first is discarded, and what counts is the
 * median of the pairs' ratios, since on a machine that does other things too only figures taken
 * next to each other compare.
 *
 * <p>Exit codes: 0 measured, 1 failed, 2 misuse, 3 nothing may be claimed (libdeflate is missing,
 * or the data is not like real data).
 */
final class BackupBench {

    /** Below this start-up costs decide, not throughput. */
    private static final long LEAST_BYTES = 1_000_000_000L;

    /** Cluster, WAL, two repositories, two restores. */
    private static final int SPACE_FACTOR = 6;

    private static final Duration VERIFY_LIMIT = Duration.ofHours(1);

    private final Options options;
    private final PrintStream out;

    private BackupBench(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    public static void main(String[] arguments) {
        Bench.exit(
                Options.USAGE,
                arguments,
                (words, out) -> new BackupBench(Options.parse(words), out).run());
    }

    private int run() throws Exception {
        if (!Bench.mayClaim(out)) {
            return Bench.NO_CLAIM;
        }
        String version = PgBackRestTool.version();
        Bench.requireSpace(options.directory(), options.clusterBytes() * SPACE_FACTOR);
        Secret password = Folders.randomSecret();
        Path pgBackRest = options.directory().resolve("pgbackrest");
        PgBackRest.prepare(pgBackRest);
        try (SourceCluster cluster =
                        SourceCluster.start(
                                Folders.create(options.directory().resolve("cluster")),
                                15,
                                password,
                                Map.of(
                                        "archive_mode",
                                        "on",
                                        "archive_command",
                                        PgBackRest.archiveCommand(pgBackRest)));
                StoreServer store =
                        StoreServer.start(
                                Folders.create(options.directory().resolve("s3")),
                                Folders.randomSecret())) {
            out.printf(
                    Locale.ROOT,
                    "Filling a cluster of %.1f GB ...%n",
                    options.clusterBytes() / 1e9);
            cluster.fill(options.clusterBytes());
            Entropy entropy = Entropy.of(cluster.dataDirectory());
            describe(cluster, entropy, version);
            if (!entropy.isRealistic()) {
                out.printf(
                        "The data shrinks %.2f times, not %.0f to %.0f: nothing is claimed of it.%n",
                        entropy.ratio(), Entropy.LEAST, Entropy.MOST);
                return Bench.NO_CLAIM;
            }
            try (Cairn cairn =
                    Cairn.create(
                            options.directory().resolve("cairn"),
                            cluster,
                            store,
                            options.level())) {
                PgBackRest other = PgBackRest.create(pgBackRest, cluster, store, options);
                compare(other, cairn, new CostMeter(cluster::cpu, store::cpu), cluster, entropy);
            }
        }
        return Bench.MEASURED;
    }

    private void describe(SourceCluster cluster, Entropy entropy, String version) throws Exception {
        int cores = Machine.cores();
        out.println();
        out.println("Cairn beside pgBackRest " + version + ", " + LocalDate.now(ZoneOffset.UTC));
        out.println(
                "machine     "
                        + Machine.describe()
                        + "; load before the first pair "
                        + Machine.load());
        out.printf(
                Locale.ROOT,
                "cluster     PostgreSQL %s, %.1f MB in %d files (WAL left out), page checksums on; gzip -6 makes it %.2f times smaller%n",
                cluster.version(),
                entropy.bytes() / 1e6,
                entropy.files(),
                entropy.ratio());
        out.println("store       one s3proxy over TLS for both, path style");
        out.println(
                "Cairn       gzip level "
                        + options.level()
                        + " by "
                        + GzipCodec.best().name()
                        + ", AES-256-GCM, "
                        + cores
                        + " compressing threads; restore with "
                        + cores
                        + " decoding threads");
        out.println(
                "pgBackRest  gz level "
                        + options.level()
                        + " by zlib, aes-256-cbc, process-max="
                        + cores
                        + ", bundle="
                        + (options.bundle() ? "y" : "n (its default)"));
        if (entropy.bytes() < LEAST_BYTES) {
            out.println(
                    "NOTE        the cluster is smaller than 1 GB: for trying out only, this is not the measure");
        }
    }

    /**
     * All backups before the first restore: an executor does not restore, so its memory must not
     * count here.
     */
    private void compare(
            PgBackRest pgBackRest,
            Cairn cairn,
            CostMeter meter,
            SourceCluster cluster,
            Entropy entropy)
            throws Exception {
        Report report = new Report(out, entropy.bytes());
        report.backups();
        List<Pair<Backup>> backups = new ArrayList<>();
        for (int number = 0; number <= options.pairs(); number++) {
            Pair<Backup> pair = new Pair<>(backup(pgBackRest, meter), backup(cairn, meter));
            report.backup(name(number), pgBackRest.name(), pair.pgBackRest());
            report.backup(name(number), cairn.name(), pair.cairn());
            backups.add(pair);
        }
        report.restores();
        List<Pair<Cost>> restores = new ArrayList<>();
        for (int number = 0; number <= options.pairs(); number++) {
            Pair<Cost> pair = new Pair<>(restore(pgBackRest, meter), restore(cairn, meter));
            report.restore(name(number), pgBackRest.name(), pair.pgBackRest());
            report.restore(name(number), cairn.name(), pair.cairn());
            restores.add(pair);
        }
        verify(cluster, cairn);
        List<Pair<Backup>> measured = backups.subList(1, backups.size());
        List<Pair<Cost>> restored = restores.subList(1, restores.size());
        report.medians(measured, restored);
        out.println("load after the last pair " + Machine.load());
        report.result(measured, restored);
    }

    private static String name(int number) {
        return number == 0 ? "discarded" : "pair " + number;
    }

    private Backup backup(Contender tool, CostMeter meter) throws Exception {
        tool.forget();
        return new Backup(meter.measure(tool, tool::backup), tool.lastBackup());
    }

    private Cost restore(Contender tool, CostMeter meter) throws Exception {
        Path directory = target(tool);
        Folders.delete(directory);
        return meter.measure(tool, () -> tool.restore(directory));
    }

    private Path target(Contender tool) {
        return options.directory().resolve("restored-by-" + tool.name());
    }

    /** What was fast must be right too. */
    private void verify(SourceCluster cluster, Cairn cairn)
            throws IOException, InterruptedException {
        Path program = cluster.program("pg_verifybackup");
        if (!Files.isExecutable(program)) {
            return;
        }
        ToolRun run =
                ToolRun.of(
                        "pg_verifybackup",
                        new ProcessBuilder(program.toString(), "--quiet", target(cairn).toString()),
                        options.directory().resolve("verify.log"),
                        VERIFY_LIMIT);
        if (!run.succeeded()) {
            throw new CairnException(
                    ErrorCode.MANIFEST_MISMATCH,
                    "pg_verifybackup refuses what Cairn restored: " + run.printed(),
                    "report it");
        }
        out.println();
        out.println("pg_verifybackup accepts what Cairn restored");
    }
}

package io.cairn.bench.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.bench.Folders;
import io.cairn.bench.ProcessTimes;
import io.cairn.bench.SourceCluster;
import io.cairn.bench.StoreServer;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.testing.S3Server;
import io.cairn.testing.TestProcesses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Debian's pgBackRest with gzip and aes-256-cbc, as many processes as cores, into a repository on
 * S3. It reads the data directory's files, so it runs as their owner.
 *
 * @see <a href="https://pgbackrest.org/configuration.html">its settings</a>
 */
final class PgBackRest implements Contender {

    private static final String PROGRAM = "pgbackrest";
    private static final String STANZA = "business";
    private static final String BUCKET = "pgbackrest";

    /**
     * Rare enough not to disturb what is measured; its processes live, and keep their memory, to
     * the end.
     */
    private static final int WATCH_MILLIS = 1000;

    private static final Duration LIMIT = Duration.ofHours(2);

    private final Path directory;
    private final SourceCluster cluster;
    private final StoreServer store;
    private long peakBytes;

    private PgBackRest(Path directory, SourceCluster cluster, StoreServer store) {
        this.directory = directory;
        this.cluster = cluster;
        this.store = store;
    }

    /**
     * What the server archives its WAL with: pgBackRest, which wants that, except while Cairn is
     * measured, which keeps the WAL itself and would only be charged for it.
     */
    static String archiveCommand(Path directory) {
        return "test -e "
                + directory.resolve("no-archive")
                + " || exec "
                + PROGRAM
                + " --config="
                + configuration(directory)
                + " --stanza="
                + STANZA
                + " archive-push %p";
    }

    private static Path configuration(Path directory) {
        return directory.resolve("pgbackrest.conf");
    }

    /**
     * A version such as {@code 2.45}.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if it is not installed
     */
    static String version() throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(PROGRAM, "version").start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output.strip().replaceFirst("^pgBackRest ", "");
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "pgbackrest is not installed",
                    "apt-get install pgbackrest",
                    e);
        }
    }

    /**
     * Makes the directory, in which the server's archive command already finds its switch: nothing
     * is archived yet.
     */
    static void prepare(Path directory) throws IOException {
        Folders.create(directory);
        Folders.write(directory.resolve("no-archive"), "");
    }

    static PgBackRest create(
            Path directory,
            SourceCluster cluster,
            StoreServer store,
            Options options,
            int processes)
            throws IOException, InterruptedException {
        store.createBucket(BUCKET);
        Path data = cluster.dataDirectory();
        for (String folder : List.of("log", "lock", "spool")) {
            Folders.give(Folders.create(directory.resolve(folder)), data);
        }
        Path certificate = Files.copy(store.certificate(), directory.resolve("ca.pem"));
        Folders.give(certificate, data);
        Path configuration =
                Folders.write(
                        configuration(directory),
                        """
                        [global]
                        repo1-type=s3
                        repo1-path=/
                        repo1-s3-bucket=%s
                        repo1-s3-endpoint=localhost
                        repo1-s3-region=%s
                        repo1-s3-uri-style=path
                        repo1-s3-key=%s
                        repo1-s3-key-secret=%s
                        repo1-storage-host=localhost
                        repo1-storage-port=%d
                        repo1-storage-ca-file=%s
                        repo1-cipher-type=aes-256-cbc
                        repo1-cipher-pass=%s
                        repo1-retention-full=99
                        repo1-bundle=%s
                        compress-type=gz
                        compress-level=%d
                        process-max=%d
                        start-fast=y
                        expire-auto=n
                        log-level-console=warn
                        log-level-file=off
                        log-path=%s
                        lock-path=%s
                        spool-path=%s

                        [%s]
                        pg1-path=%s
                        pg1-port=%d
                        pg1-user=%s
                        pg1-database=postgres
                        """
                                .formatted(
                                        BUCKET,
                                        S3Server.REGION,
                                        StoreServer.ACCESS_KEY_ID,
                                        store.secretAccessKey().reveal(),
                                        store.server().port(),
                                        certificate,
                                        Folders.randomSecret().reveal(),
                                        options.bundle() ? "y" : "n",
                                        options.level(),
                                        processes,
                                        directory.resolve("log"),
                                        directory.resolve("lock"),
                                        directory.resolve("spool"),
                                        STANZA,
                                        data,
                                        cluster.address().port(),
                                        cluster.superuser()));
        Folders.give(configuration, data);
        Folders.give(directory, data);
        PgBackRest tool = new PgBackRest(directory, cluster, store);
        tool.run("stanza-create");
        return tool;
    }

    @Override
    public String name() {
        return "pgBackRest";
    }

    @Override
    public String codec() {
        return "zlib";
    }

    @Override
    public void backup() throws IOException, InterruptedException {
        Path silence = directory.resolve("no-archive");
        Files.deleteIfExists(silence);
        try {
            run("backup", "--type=full");
        } finally {
            Folders.write(silence, "");
        }
    }

    @Override
    public BackupSize lastBackup() throws IOException, InterruptedException {
        JsonNode stanza = new ObjectMapper().readTree(run("info", "--output=json")).path(0);
        JsonNode backups = stanza.path("backup");
        long read = backups.path(backups.size() - 1).path("info").path("delta").asLong();
        if (read <= 0) {
            throw new IllegalStateException("pgbackrest info names no backup: " + stanza);
        }
        return new BackupSize(read, store.size(BUCKET));
    }

    @Override
    public void restore(Path target) throws IOException, InterruptedException {
        Folders.give(Folders.create(target), cluster.dataDirectory());
        run("restore", "--pg1-path=" + target);
    }

    /** Everything but what belongs to the stanza: the next backup finds it as the first did. */
    @Override
    public void forget() throws IOException {
        Path bucket = store.server().files(BUCKET);
        Path backups = bucket.resolve("backup/" + STANZA);
        Path archive = bucket.resolve("archive/" + STANZA);
        for (Path folder : List.of(backups, archive)) {
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> entries = Files.list(folder)) {
                for (Path entry : entries.filter(Files::isDirectory).toList()) {
                    Folders.delete(entry);
                }
            }
        }
    }

    /**
     * What all children of this process have used that have ended; during a run those are
     * pgBackRest's alone.
     */
    @Override
    public Duration cpu() {
        return ProcessTimes.self().waited();
    }

    @Override
    public void watchMemory() {
        peakBytes = 0;
    }

    @Override
    public long peakBytes() {
        return peakBytes;
    }

    /** Runs a command as the owner of the data directory and returns what it printed. */
    private String run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(asOwner(cluster.dataDirectory()));
        command.addAll(
                List.of(PROGRAM, "--config=" + configuration(directory), "--stanza=" + STANZA));
        command.addAll(List.of(words));
        Path output = directory.resolve("output");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(Path.of("/").toFile())
                        .redirectOutput(output.toFile())
                        .redirectErrorStream(true);
        builder.environment().put("PGHOST", cluster.address().host());
        builder.environment().put("PGPASSWORD", cluster.password().reveal());
        Process process = builder.start();
        Thread atExit = new Thread(() -> end(process));
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            watch(process);
        } finally {
            end(process);
            Runtime.getRuntime().removeShutdownHook(atExit);
        }
        String printed = Files.readString(output);
        if (process.exitValue() != 0) {
            throw new CairnException(
                    ErrorCode.SERVICE_UNREACHABLE,
                    "pgbackrest " + words[0] + " failed: " + printed.strip().replace("\n", " / "),
                    "see what it says");
        }
        return printed;
    }

    private void watch(Process process) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!process.waitFor(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
            long largest =
                    Stream.concat(Stream.of(process.toHandle()), process.descendants())
                            .mapToLong(child -> TestProcesses.peakResidentBytes(child.pid()))
                            .max()
                            .orElse(0);
            peakBytes = Math.max(peakBytes, largest);
            if (System.nanoTime() > end) {
                throw new IllegalStateException("pgbackrest did not end within " + LIMIT);
            }
        }
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** As root the server runs as another user; the tool does so too. */
    private static List<String> asOwner(Path data) throws IOException {
        PosixFileAttributes owner = Files.readAttributes(data, PosixFileAttributes.class);
        String user = owner.owner().getName();
        return user.equals(System.getProperty("user.name"))
                ? List.of()
                : List.of(
                        "setpriv",
                        "--reuid=" + user,
                        "--regid=" + owner.group().getName(),
                        "--clear-groups",
                        "--");
    }
}

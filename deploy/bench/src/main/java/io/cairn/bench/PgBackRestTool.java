package io.cairn.bench;

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
import java.util.stream.Stream;

/**
 * The distribution's pgBackRest with gzip and aes-256-cbc, as many processes as cores, into a
 * repository on S3. It reads the data directory's files, so it runs as their owner. For one thread.
 *
 * @see <a href="https://pgbackrest.org/configuration.html">its settings</a>
 */
public final class PgBackRestTool {

    public static final String PROGRAM = "pgbackrest";
    public static final String STANZA = "business";
    public static final String BUCKET = "pgbackrest";

    /**
     * Rare enough not to disturb what is measured; its processes live, and keep their memory, to
     * the end.
     */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration LIMIT = Duration.ofHours(2);

    private final Path directory;
    private final SourceCluster cluster;
    private final StoreServer store;
    private long peakBytes;

    private PgBackRestTool(Path directory, SourceCluster cluster, StoreServer store) {
        this.directory = directory;
        this.cluster = cluster;
        this.store = store;
    }

    public static Path configuration(Path directory) {
        return directory.resolve("pgbackrest.conf");
    }

    /**
     * A version such as {@code 2.45}.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if it is not installed
     */
    public static String version() throws IOException, InterruptedException {
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
     * Makes bucket, configuration and stanza.
     *
     * @param directory for configuration, log, locks and spool; there already
     * @param level of gzip
     * @param more lines of its global section
     */
    public static PgBackRestTool create(
            Path directory, SourceCluster cluster, StoreServer store, int level, String... more)
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
                        compress-type=gz
                        compress-level=%d
                        process-max=%d
                        expire-auto=n
                        log-level-console=warn
                        log-level-file=off
                        log-path=%s
                        lock-path=%s
                        spool-path=%s
                        %s

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
                                        level,
                                        Machine.cores(),
                                        directory.resolve("log"),
                                        directory.resolve("lock"),
                                        directory.resolve("spool"),
                                        String.join("\n", more),
                                        STANZA,
                                        data,
                                        cluster.address().port(),
                                        cluster.superuser()));
        Folders.give(configuration, data);
        Folders.give(directory, data);
        PgBackRestTool tool = new PgBackRestTool(directory, cluster, store);
        tool.run("stanza-create");
        return tool;
    }

    /** The stanza's folder of the repository's {@code backup} or {@code archive}. */
    public Path stored(String part) {
        return store.server().files(BUCKET).resolve(part).resolve(STANZA);
    }

    /** Deletes what {@link #stored} has, except what belongs to the stanza itself. */
    public void forget(String part) throws IOException {
        Path folder = stored(part);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.filter(Files::isDirectory).toList()) {
                Folders.delete(entry);
            }
        }
    }

    /** Runs one of its commands and returns what it printed. */
    public String run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(asOwner());
        command.addAll(command());
        command.addAll(List.of(words));
        return run(words[0], command);
    }

    /** The words in front of every command. */
    public List<String> command() {
        return List.of(PROGRAM, "--config=" + configuration(directory), "--stanza=" + STANZA);
    }

    /**
     * Runs a program that runs it, and returns what that printed.
     *
     * @param name for messages
     */
    public String run(String name, List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
        builder.environment().put("PGHOST", cluster.address().host());
        builder.environment().put("PGPASSWORD", cluster.password().reveal());
        ToolRun run =
                ToolRun.of(
                        "pgbackrest " + name,
                        builder,
                        directory.resolve("output"),
                        LIMIT,
                        LOOK,
                        this::watch);
        if (!run.succeeded()) {
            throw new CairnException(
                    ErrorCode.SERVICE_UNREACHABLE,
                    run.name() + " failed: " + run.printed().replace("\n", " / "),
                    "see what it says");
        }
        return run.printed();
    }

    private void watch(Process process) {
        long largest =
                Stream.concat(Stream.of(process.toHandle()), process.descendants())
                        .mapToLong(child -> TestProcesses.peakResidentBytes(child.pid()))
                        .max()
                        .orElse(0);
        peakBytes = Math.max(peakBytes, largest);
    }

    /** As root the server runs as another user; the tool does so too. */
    public List<String> asOwner() throws IOException {
        PosixFileAttributes owner =
                Files.readAttributes(cluster.dataDirectory(), PosixFileAttributes.class);
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

    /** Begins to watch the memory of its processes. */
    public void watchMemory() {
        peakBytes = 0;
    }

    /** Most resident memory of its largest process since {@link #watchMemory}. */
    public long peakBytes() {
        return peakBytes;
    }
}

package io.cairn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * s3proxy on 127.0.0.1 as a process of its own, keeping objects as files under its directory.
 * Authenticates (SigV4), and decides conditional PUTs rightly; has neither versions nor Object
 * Lock. Thread-safe.
 *
 * <pre>
 * &lt;directory&gt;/data/&lt;bucket&gt;/…   objects
 * &lt;directory&gt;/s3proxy.properties  generated at each start, readable by its owner only
 * &lt;directory&gt;/s3proxy.log
 * </pre>
 */
public final class S3Server implements AutoCloseable {

    /** The region's name; s3proxy accepts any. */
    public static final String REGION = "us-east-1";

    private final Builder settings;
    private final int port;
    private ServerProcess process;

    private S3Server(Builder settings) {
        this.settings = settings;
        this.port = settings.port == 0 ? TestProcesses.freePort() : settings.port;
        this.process = launch();
    }

    /**
     * A server that keeps everything in {@code directory}, which is created where it is missing.
     */
    public static Builder in(Path directory) {
        return new Builder(directory);
    }

    /** How the server is to run. */
    public static final class Builder {

        private final Path directory;
        private final List<String> buckets = new ArrayList<>();

        /**
         * Not C1 alone, which starts 0.4 s sooner: MD5 and AES take ten times as long with it (14
         * MiB/s over TLS).
         */
        private List<String> jvmArguments = List.of("-Xmx256m", "-XX:+UseSerialGC");

        private int port;
        private @Nullable Path servers;
        private @Nullable Path log;
        private @Nullable String accessKeyId;
        private @Nullable String secretAccessKey;
        private @Nullable Path keystore;
        private @Nullable String keystorePassword;

        private Builder(Path directory) {
            this.directory = directory;
        }

        /**
         * The folder of the third-party servers; default is the system property {@code
         * cairn.servers}.
         */
        public Builder servers(Path folder) {
            servers = folder;
            return this;
        }

        /** Default: a free one, kept over restarts. */
        public Builder port(int wanted) {
            port = wanted;
            return this;
        }

        /** Default: {@code s3proxy.log} in the directory. */
        public Builder log(Path file) {
            log = file;
            return this;
        }

        public Builder buckets(String... names) {
            buckets.addAll(List.of(names));
            return this;
        }

        /** The one credential that is let in; without it everybody is. */
        public Builder credential(String id, String secret) {
            accessKeyId = id;
            secretAccessKey = secret;
            return this;
        }

        /** Speaks TLS with the one key in this PKCS#12 file. */
        public Builder https(Path pkcs12, String password) {
            keystore = pkcs12;
            keystorePassword = password;
            return this;
        }

        /** Default: 256 MiB of heap, serial collector. */
        public Builder jvmArguments(String... arguments) {
            jvmArguments = List.of(arguments);
            return this;
        }

        /** Starts it and returns when it answers. */
        public S3Server start() {
            return new S3Server(this);
        }
    }

    public int port() {
        return port;
    }

    public URI endpoint() {
        return URI.create((settings.keystore == null ? "http" : "https") + "://127.0.0.1:" + port);
    }

    public Optional<String> accessKeyId() {
        return Optional.ofNullable(settings.accessKeyId);
    }

    public Optional<String> secretAccessKey() {
        return Optional.ofNullable(settings.secretAccessKey);
    }

    /** Where the objects of a bucket lie as files, for tests that damage them. */
    public Path files(String bucket) {
        return settings.directory.resolve("data").resolve(bucket);
    }

    public synchronized void createBucket(String bucket) {
        directories(files(bucket));
    }

    public synchronized long pid() {
        return process.pid();
    }

    public synchronized boolean isRunning() {
        return process.isAlive();
    }

    /** Processor time used since its start. */
    public Duration cpu() {
        return TestProcesses.cpu(pid());
    }

    /** Resident memory in bytes. */
    public long residentBytes() {
        return TestProcesses.residentBytes(pid());
    }

    /** Ends it properly; {@link #start()} goes on with the same objects on the same port. */
    public synchronized void stop() {
        process.stop();
    }

    /** {@code SIGKILL}; {@link #start()} goes on with the same objects on the same port. */
    public synchronized void kill() {
        process.kill();
    }

    /** Starts it again after {@link #stop()} or {@link #kill()}. */
    public synchronized void start() {
        if (!process.isAlive()) {
            process = launch();
        }
    }

    /** Stands still without closing connections, until {@link #resume()}. */
    public void suspend() {
        TestProcesses.suspend(pid());
    }

    public void resume() {
        TestProcesses.resume(pid());
    }

    @Override
    public synchronized void close() {
        process.kill();
    }

    private ServerProcess launch() {
        directories(settings.directory.resolve("data"));
        settings.buckets.forEach(bucket -> directories(files(bucket)));
        Path folder =
                (settings.servers == null ? Servers.folder() : settings.servers).resolve("s3proxy");
        List<String> command = new ArrayList<>(List.of(ServerProcess.java()));
        command.addAll(settings.jvmArguments);
        command.addAll(
                List.of(
                        "-jar",
                        Servers.jars(folder).getLast().toString(),
                        "--properties",
                        writeProperties().toString()));
        Path log = settings.log == null ? settings.directory.resolve("s3proxy.log") : settings.log;
        return ServerProcess.start(
                "s3proxy",
                command,
                Map.of("LOG_LEVEL", "warn"),
                log,
                () -> ServerProcess.listens(port));
    }

    private Path writeProperties() {
        Properties properties = new Properties();
        properties.setProperty(
                settings.keystore == null ? "s3proxy.endpoint" : "s3proxy.secure-endpoint",
                endpoint().toString());
        properties.setProperty("jclouds.provider", "filesystem-nio2");
        properties.setProperty(
                "jclouds.filesystem.basedir",
                settings.directory.resolve("data").toAbsolutePath().toString());
        if (settings.accessKeyId == null || settings.secretAccessKey == null) {
            properties.setProperty("s3proxy.authorization", "none");
        } else {
            properties.setProperty("s3proxy.authorization", "aws-v4");
            properties.setProperty("s3proxy.identity", settings.accessKeyId);
            properties.setProperty("s3proxy.credential", settings.secretAccessKey);
        }
        if (settings.keystore != null && settings.keystorePassword != null) {
            properties.setProperty(
                    "s3proxy.keystore-path", settings.keystore.toAbsolutePath().toString());
            properties.setProperty("s3proxy.keystore-password", settings.keystorePassword);
        }
        return write(properties);
    }

    private Path write(Properties properties) {
        Path file = settings.directory.resolve("s3proxy.properties");
        try {
            Files.deleteIfExists(file);
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            try (var writer = Files.newBufferedWriter(file)) {
                properties.store(writer, null);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void directories(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

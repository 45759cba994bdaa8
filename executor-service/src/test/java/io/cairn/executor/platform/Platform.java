package io.cairn.executor.platform;

import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.model.StoreName;
import io.cairn.model.wal.StoredWal;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.policy.PolicyRights;
import io.cairn.storage.policy.Principal;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.KafkaServer;
import io.cairn.testing.S3Server;
import io.cairn.testing.StoreProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The servers around executors, started when a test first asks for them and kept for all tests of
 * the JVM. The clusters of {@code cairn.yaml} are {@code shop} and {@code old} (PostgreSQL 15).
 */
public final class Platform implements AutoCloseable {

    public static final StoreName PRIMARY = new StoreName("primary");

    /** A bucket that belongs to nobody. */
    public static final String ELSEWHERE = "elsewhere";

    private static final String EXECUTOR = "executor";
    private static final String READER = "reader";

    private final Path directory;
    private final KeyFiles keys;
    private @Nullable S3Server s3;
    private @Nullable StoreProxy proxy;
    private @Nullable KafkaServer kafka;
    private @Nullable SourceServer source;
    private @Nullable SourceServer old;
    private @Nullable ObjectStore reader;

    Platform() {
        try {
            directory = Files.createTempDirectory("cairn-executor-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        keys =
                KeyFiles.create(
                        directory.resolve("keys"),
                        "test",
                        KeyAlgorithm.EC_P256,
                        "secret".toCharArray(),
                        Instant.now().minusSeconds(3600),
                        Duration.ofDays(30));
        write("key-password", "secret");
        write("source-password", SourceServer.PASSWORD);
        write("executor-id", EXECUTOR);
        write("reader-id", READER);
        write("store-secret", "not verified by the proxy");
    }

    /** PostgreSQL 18. */
    public synchronized SourceServer source() {
        SourceServer started = source;
        if (started == null) {
            started = startSource(18);
            source = started;
        }
        return started;
    }

    /** PostgreSQL 15, the oldest that is supported. */
    public synchronized SourceServer old() {
        SourceServer started = old;
        if (started == null) {
            started = startSource(15);
            old = started;
        }
        return started;
    }

    private SourceServer startSource(int major) {
        try {
            return SourceServer.start(
                    major, Files.createDirectories(directory.resolve("postgres-" + major)));
        } catch (IOException | SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In front of the store; the executor has the rights of its policy there and no more. */
    public synchronized StoreProxy proxy() {
        StoreProxy started = proxy;
        if (started == null) {
            S3Server server =
                    S3Server.in(directory.resolve("s3")).buckets("backups", ELSEWHERE).start();
            s3 = server;
            started = StoreProxy.before(server.endpoint());
            started.grant(EXECUTOR, PolicyRights.of(Principal.EXECUTOR));
            started.grantAll(READER);
            proxy = started;
        }
        return started;
    }

    public synchronized KafkaServer kafka() {
        KafkaServer started = kafka;
        if (started == null) {
            started =
                    KafkaServer.in(directory.resolve("kafka"))
                            .property("group.share.min.record.lock.duration.ms", "1000")
                            .start();
            kafka = started;
        }
        return started;
    }

    /** The store as somebody sees it who may do everything. */
    public synchronized ObjectStore store() {
        ObjectStore open = reader;
        if (open == null) {
            open =
                    S3ObjectStore.open(
                            CairnConfigReader.read(configFile(READER, "", "", "")).store(PRIMARY));
            reader = open;
        }
        return open;
    }

    /**
     * Ends every stream's slot, which would hold WAL that nobody follows, and removes what was
     * stored by it: where the next stream begins would be a gap.
     */
    public synchronized void forgetWal() {
        Stream.of(source, old).filter(Objects::nonNull).forEach(SourceServer::dropSlots);
        try (Stream<ObjectInfo> objects = store().list("")) {
            objects.map(ObjectInfo::key)
                    .filter(key -> StoredWal.of(key).isPresent())
                    .forEach(store()::delete);
        }
    }

    /** Without {@link #old()}, which is started for the tests that use it. */
    public CairnConfig config() {
        return CairnConfigReader.read(configFile());
    }

    /** {@code cairn.yaml} for executors. */
    public Path configFile() {
        return configFile(EXECUTOR, "", "", "");
    }

    /** The same, with base backups of {@code shop} limited to so many MiB a second. */
    public Path configFile(int megabytes) {
        return configFile(EXECUTOR, ", maxRate: " + megabytes + "MiB", "", "");
    }

    /**
     * The same, with more clusters and stores.
     *
     * @param clusters lines of YAML, as {@link #cluster} makes them
     * @param stores lines of YAML
     */
    public Path configFile(String clusters, String stores) {
        return configFile(EXECUTOR, "", clusters, stores);
    }

    /** A line of YAML: a cluster of the tier queue that the backup role may read. */
    public static String cluster(String name, SourceServer server, String more) {
        return "  %s: {tier: queue, hosts: [\"%s\"], user: %s, password: \"file:source-password\", tls: {mode: disable}%s}%n"
                .formatted(name, server.address(), SourceServer.ROLE, more);
    }

    private Path configFile(String credential, String more, String clusters, String stores) {
        String name = Integer.toHexString((more + clusters + stores).hashCode());
        return write(
                "cairn-" + credential + "-" + name + ".yaml",
                """
                clusters:
                  shop: {tier: oltp, hosts: ["%1$s"], user: %2$s, password: "file:source-password", tls: {mode: disable}%6$s}
                  old: {tier: oltp, hosts: ["%3$s"], user: %2$s, password: "file:source-password", tls: {mode: disable}}
                %7$sstores:
                  primary: {bucket: backups, endpoint: "%4$s", accessKeyId: "file:%5$s-id", secretAccessKey: "file:store-secret"}
                %8$stiers:
                  oltp: {copies: [primary]}
                  queue: {copies: [primary]}
                  content: {copies: [primary]}
                  olap: {copies: [primary]}
                keys:
                  recipients: [keys/recipient.pem]
                  trustAnchor: keys/authority.pem
                  signer: {file: keys/signer.p12, password: "file:key-password"}
                  manifests: {file: keys/manifests.p12, password: "file:key-password"}
                """
                        .formatted(
                                source().address(),
                                SourceServer.ROLE,
                                oldAddress(),
                                proxy().endpoint(),
                                credential,
                                more,
                                clusters,
                                stores)
                        .replace("\"file:", "\"file:" + directory + "/"));
    }

    private synchronized String oldAddress() {
        return old == null ? "127.0.0.1:1" : old.address().toString();
    }

    public Identity recipient() {
        return Identity.read(keys.recipient(), "secret".toCharArray());
    }

    public X509Certificate trustAnchor() {
        return Certificates.read(keys.authorityCertificate());
    }

    /** For the logs of a test's processes. */
    public Path directory() {
        return directory;
    }

    /** Writes a file that the configuration may refer to by its name alone. */
    public Path write(String name, String text) {
        try {
            return Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        end(reader, ObjectStore::close);
        end(kafka, KafkaServer::close);
        end(source, SourceServer::close);
        end(old, SourceServer::close);
        end(proxy, StoreProxy::close);
        end(s3, S3Server::close);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static <T> void end(@Nullable T open, Consumer<T> close) {
        if (open != null) {
            close.accept(open);
        }
    }
}

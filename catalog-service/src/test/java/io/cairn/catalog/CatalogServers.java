package io.cairn.catalog;

import static java.util.Map.entry;

import io.cairn.postgres.server.DataDirectory;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.storage.policy.PolicyRights;
import io.cairn.storage.policy.Principal;
import io.cairn.testing.KafkaServer;
import io.cairn.testing.S3Server;
import io.cairn.testing.StoreProxy;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a catalog needs around it: a broker, a PostgreSQL, two buckets in which it may do what its
 * policy says and no more, and a configuration file. What {@link #EXECUTORS_CONFIG} names is for
 * tests that store what executors and replication would.
 */
public final class CatalogServers implements QuarkusTestResourceLifecycleManager {

    /** The property that holds the configuration file with the executor's credential. */
    public static final String EXECUTORS_CONFIG = "cairn.test.executors-config";

    private static final String CATALOG = "catalog";
    private static final String EXECUTOR = "executor";

    private Path directory;
    private KafkaServer kafka;
    private LocalServer postgres;
    private S3Server s3;
    private StoreProxy proxy;

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createTempDirectory("cairn-catalog-it");
            s3 = S3Server.in(directory.resolve("s3")).buckets("cairn-a", "cairn-b").start();
            proxy = StoreProxy.before(s3.endpoint());
            proxy.grant(CATALOG, PolicyRights.of(Principal.CATALOG));
            proxy.grant(EXECUTOR, PolicyRights.of(Principal.EXECUTOR));
            kafka = KafkaServer.in(directory.resolve("kafka")).start();
            postgres = startPostgres();
            return Map.ofEntries(
                    entry("kafka.bootstrap.servers", kafka.bootstrapServers()),
                    entry("cairn.config", configuration(CATALOG).toString()),
                    entry(EXECUTORS_CONFIG, configuration(EXECUTOR).toString()),
                    entry("quarkus.datasource.jdbc.url", postgres.jdbcUrl("postgres")),
                    entry(
                            "quarkus.datasource.reactive.url",
                            "postgresql://" + postgres.address() + "/postgres"),
                    entry("quarkus.datasource.username", "postgres"),
                    entry("quarkus.datasource.password", ""),
                    entry("cairn.catalog.rounds.records", "1s"),
                    entry("cairn.catalog.rounds.metrics", "1s"),
                    entry("cairn.catalog.rounds.reconcile", "off"),
                    entry("cairn.catalog.rounds.holds", "1s"),
                    entry("cairn.catalog.retention.retry-pause", "1s"),
                    entry("cairn.catalog.rebuild.grace", "0s"),
                    entry("cairn.catalog.rebuild.patience", "20s"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LocalServer startPostgres() {
        PostgresBinaries binaries = PostgresBinaries.find(18);
        Path data =
                DataDirectory.at(binaries, directory.resolve("postgres")).copiedForTest().create();
        return LocalServer.on(binaries, data).loopback().start();
    }

    private Path configuration(String credential) throws IOException {
        Files.writeString(directory.resolve(credential + "-id"), credential);
        Files.writeString(directory.resolve("secret"), "secret");
        String store =
                "bucket: %s, endpoint: \""
                        + proxy.endpoint()
                        + "\", accessKeyId: \"file:"
                        + directory.resolve(credential + "-id")
                        + "\", secretAccessKey: \"file:"
                        + directory.resolve("secret")
                        + "\"";
        return Files.writeString(
                directory.resolve(credential + ".yaml"),
                """
                clusters:
                  shop: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                  mail: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                  jobs: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                  empty: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                  idle: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                  stalled: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                  old: {tier: content, hosts: [127.0.0.1], tls: {mode: disable}}
                  burnt: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                  ashes: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                  tidy: {tier: content, hosts: [127.0.0.1], tls: {mode: disable}}
                stores:
                  primary: {%s}
                  secondary: {%s}
                tiers:
                  # What the tests of other tiers leave behind is nothing that a clean-up removes.
                  oltp: {retention: 36500d}
                  content: {retention: 90d, pointInTimeWindow: 90d, copies: [primary, secondary]}
                  olap:
                    copies: [primary, secondary]
                    archive: [{store: secondary, kinds: [snapshot], storageClass: DEEP_ARCHIVE, after: drill}]
                """
                        .formatted(store.formatted("cairn-a"), store.formatted("cairn-b")));
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(kafka, field -> field.getType() == KafkaServer.class);
        injector.injectIntoFields(postgres, field -> field.getType() == LocalServer.class);
        injector.injectIntoFields(proxy, field -> field.getType() == StoreProxy.class);
    }

    @Override
    public void stop() {
        kafka.close();
        proxy.close();
        s3.close();
        postgres.close();
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

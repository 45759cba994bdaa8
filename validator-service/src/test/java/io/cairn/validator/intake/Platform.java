package io.cairn.validator.intake;

import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A broker, and an S3 server of two buckets in which a validator may do what its policy says and no
 * more. What {@link #EXECUTORS_CONFIG} names is for the test, which stores what executors would,
 * with their rights.
 */
public final class Platform implements QuarkusTestResourceLifecycleManager {

    public static final String PASSWORD = "secret";

    /** The configuration with the executor's credential, in the directory. */
    public static final String EXECUTORS_CONFIG = "executor.yaml";

    /** The configuration of validators, in the directory. */
    public static final String VALIDATORS_CONFIG = "validator.yaml";

    private static final String VALIDATOR = "validator";
    private static final String EXECUTOR = "executor";

    private Path directory;
    private KafkaServer kafka;
    private S3Server s3;
    private StoreProxy proxy;

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createTempDirectory("cairn-validator-it-");
            KeyFiles.create(
                    directory.resolve("keys"),
                    "test",
                    KeyAlgorithm.EC_P256,
                    PASSWORD.toCharArray(),
                    Instant.now().minusSeconds(60),
                    Duration.ofDays(30));
            Files.writeString(directory.resolve("password"), PASSWORD);
            kafka = KafkaServer.in(directory.resolve("kafka")).start();
            s3 = S3Server.in(directory.resolve("s3")).buckets("backups", "elsewhere").start();
            proxy = StoreProxy.before(s3.endpoint());
            proxy.grant(VALIDATOR, PolicyRights.of(Principal.VALIDATOR));
            proxy.grant(EXECUTOR, PolicyRights.of(Principal.EXECUTOR));
            configuration(EXECUTOR);
            return Map.of(
                    "kafka.bootstrap.servers", kafka.bootstrapServers(),
                    "cairn.config", configuration(VALIDATOR).toString(),
                    "cairn.validator.scratch", directory.resolve("scratch").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path configuration(String credential) throws IOException {
        Files.writeString(directory.resolve(credential + "-id"), credential);
        return Files.writeString(
                directory.resolve(credential + ".yaml"),
                """
                clusters:
                  shop: {tier: oltp, hosts: ["127.0.0.1:1"], tls: {mode: disable}}
                stores:
                  primary:
                    bucket: backups
                    endpoint: "%1$s"
                    accessKeyId: "file:%2$s/%3$s-id"
                    secretAccessKey: "file:%2$s/password"
                  secondary:
                    bucket: elsewhere
                    endpoint: "%1$s"
                    accessKeyId: "file:%2$s/%3$s-id"
                    secretAccessKey: "file:%2$s/password"
                tiers:
                  oltp: {copies: [primary, secondary]}
                  content: {copies: [primary]}
                  queue: {copies: [primary]}
                  olap: {copies: [primary]}
                keys:
                  trustAnchor: keys/authority.pem
                  identity: {file: keys/recipient.p12, password: "file:%2$s/password"}
                """
                        .formatted(proxy.endpoint(), directory, credential));
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(directory, field -> field.getType() == Path.class);
        injector.injectIntoFields(s3, field -> field.getType() == S3Server.class);
        injector.injectIntoFields(kafka, field -> field.getType() == KafkaServer.class);
    }

    @Override
    public void stop() {
        kafka.close();
        proxy.close();
        s3.close();
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

package io.cairn.service.app;

import io.cairn.testing.KafkaServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A broker and a configuration file for the service under test. */
public final class Platform implements QuarkusTestResourceLifecycleManager {

    private KafkaServer kafka;
    private Path directory;

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createTempDirectory("cairn-service-it");
            Path config =
                    Files.writeString(
                            directory.resolve("cairn.yaml"),
                            """
                            clusters:
                              shop: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                            stores:
                              primary: {bucket: a, endpoint: "http://127.0.0.1:9"}
                              secondary: {bucket: b, endpoint: "http://127.0.0.1:9"}
                            """);
            kafka =
                    KafkaServer.in(directory.resolve("kafka"))
                            .property("auto.create.topics.enable", "false")
                            .start();
            return Map.of(
                    "kafka.bootstrap.servers",
                    kafka.bootstrapServers(),
                    "cairn.config",
                    config.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(kafka, field -> field.getType() == KafkaServer.class);
    }

    @Override
    public void stop() {
        kafka.close();
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

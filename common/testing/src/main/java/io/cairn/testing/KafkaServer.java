package io.cairn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A Kafka broker (KRaft, broker and controller in one) on 127.0.0.1 in a process of its own. All
 * internal topics have one replica; share groups beat every 500 ms, so that a first record comes
 * quickly. Thread-safe.
 *
 * <pre>
 * &lt;directory&gt;/data/               log directories
 * &lt;directory&gt;/server.properties   generated at each start
 * &lt;directory&gt;/kafka.log
 * </pre>
 */
public final class KafkaServer extends LoopbackServer {

    private static final Duration FORMAT = Duration.ofSeconds(60);

    private final Map<String, String> properties;
    private final int controllerPort;

    private KafkaServer(Builder settings) {
        super(JavaServer.KAFKA, settings);
        this.properties = Map.copyOf(settings.properties);
        this.controllerPort =
                settings.controllerPort == 0 ? TestProcesses.freePort() : settings.controllerPort;
    }

    /**
     * A broker that keeps everything in {@code directory}, which is created where it is missing.
     */
    public static Builder in(Path directory) {
        return new Builder(directory);
    }

    /** How the broker is to run. */
    public static final class Builder extends LoopbackServer.Builder<KafkaServer, Builder> {

        private final Map<String, String> properties = new LinkedHashMap<>();
        private int controllerPort;

        private Builder(Path directory) {
            super(directory);
        }

        @Override
        Builder self() {
            return this;
        }

        @Override
        KafkaServer create() {
            return new KafkaServer(this);
        }

        /** Of the controller, which only the broker itself speaks to; default: a free one. */
        public Builder controllerPort(int wanted) {
            controllerPort = wanted;
            return this;
        }

        /** Sets or replaces one broker property. */
        public Builder property(String name, String value) {
            properties.put(name, value);
            return this;
        }
    }

    /** {@code bootstrap.servers} for clients. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port();
    }

    @Override
    JavaServer.Run prepare() {
        createDirectories(directory());
        String file = writeProperties().toString();
        if (!Files.exists(data().resolve(KafkaStorage.IDENTITY))) {
            KafkaStorage.ofTheBuild().format(data(), () -> format(file));
        }
        return run("kafka.Kafka", file);
    }

    private void format(String file) {
        ServerProcess format =
                JavaServer.KAFKA.launchTool(
                        run(
                                "kafka.tools.StorageTool",
                                "format",
                                "-t",
                                KafkaStorage.newIdentifier(),
                                "-c",
                                file));
        try {
            if (format.awaitExit(FORMAT).orElse(-1) != 0) {
                throw failed("cannot format its storage in " + data());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while formatting Kafka's storage", e);
        } finally {
            format.kill();
        }
    }

    private JavaServer.Run run(String main, String... arguments) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Dlog4j2.configurationFile=" + writeLogging(),
                                main));
        all.addAll(List.of(arguments));
        return new JavaServer.Run(all, Map.of(), List.of(directory()), log());
    }

    private Path writeProperties() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("process.roles", "broker,controller");
        all.put("node.id", "1");
        all.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        all.put("controller.listener.names", "CONTROLLER");
        all.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:" + port() + ",CONTROLLER://127.0.0.1:" + controllerPort);
        all.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port());
        all.put("log.dirs", data().toString());
        all.put("num.partitions", "1");
        for (String topic :
                List.of(
                        "offsets.topic",
                        "transaction.state.log",
                        "share.coordinator.state.topic")) {
            all.put(topic + ".replication.factor", "1");
            all.put(topic + ".num.partitions", "3");
        }
        all.put("transaction.state.log.min.isr", "1");
        all.put("share.coordinator.state.topic.min.isr", "1");
        // After a kill the broker is let in again only when the session of its former life is over;
        // the default is 9 s.
        all.put("broker.session.timeout.ms", "3000");
        all.put("broker.heartbeat.interval.ms", "500");
        all.put("group.initial.rebalance.delay.ms", "0");
        all.put("group.share.min.heartbeat.interval.ms", "500");
        all.put("group.share.heartbeat.interval.ms", "500");
        // The default takes 128 MB of heap.
        all.put("log.cleaner.dedupe.buffer.size", "8388608");
        all.putAll(this.properties);
        String text =
                all.entrySet().stream()
                        .map(property -> property.getKey() + "=" + property.getValue() + "\n")
                        .collect(Collectors.joining());
        return write("server.properties", text);
    }

    private Path writeLogging() {
        return write(
                "log4j2.properties",
                """
                appender.out.type = Console
                appender.out.name = out
                appender.out.layout.type = PatternLayout
                appender.out.layout.pattern = %d %p %c{1} %m%n
                rootLogger.level = WARN
                rootLogger.appenderRef.out.ref = out
                """);
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(directory().resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

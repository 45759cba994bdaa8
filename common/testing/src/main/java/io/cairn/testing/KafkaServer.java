package io.cairn.testing;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker (KRaft, broker and controller in one) on 127.0.0.1 as a process of its own. All
 * internal topics have one replica; share groups beat every 500 ms, so that a first record comes
 * quickly. Thread-safe.
 *
 * <pre>
 * &lt;directory&gt;/data/               log directories
 * &lt;directory&gt;/server.properties   generated at each start
 * &lt;directory&gt;/kafka.log
 * </pre>
 */
public final class KafkaServer implements AutoCloseable {

    private static final Duration FORMAT = Duration.ofSeconds(60);

    private final Builder settings;
    private final int port;
    private final int controllerPort;
    private ServerProcess process;

    private KafkaServer(Builder settings) {
        this.settings = settings;
        this.port = settings.port == 0 ? TestProcesses.freePort() : settings.port;
        this.controllerPort =
                settings.controllerPort == 0 ? TestProcesses.freePort() : settings.controllerPort;
        this.process = launch();
    }

    /**
     * A broker that keeps everything in {@code directory}, which is created where it is missing.
     */
    public static Builder in(Path directory) {
        return new Builder(directory);
    }

    /** How the broker is to run. */
    public static final class Builder {

        private final Path directory;
        private final Map<String, String> properties = new LinkedHashMap<>();
        private List<String> jvmArguments =
                List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
        private int port;
        private int controllerPort;
        private @Nullable Path servers;
        private @Nullable Path log;

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

        /** Of the controller, which only the broker itself speaks to; default: a free one. */
        public Builder controllerPort(int wanted) {
            controllerPort = wanted;
            return this;
        }

        /** Default: {@code kafka.log} in the directory. */
        public Builder log(Path file) {
            log = file;
            return this;
        }

        /** Sets or replaces one broker property. */
        public Builder property(String name, String value) {
            properties.put(name, value);
            return this;
        }

        /** Default: 256 MiB of heap, the quick compiler. */
        public Builder jvmArguments(String... arguments) {
            jvmArguments = List.of(arguments);
            return this;
        }

        /** Starts it and returns when it takes connections. */
        public KafkaServer start() {
            return new KafkaServer(this);
        }
    }

    /** {@code bootstrap.servers} for clients. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public synchronized long pid() {
        return process.pid();
    }

    public synchronized boolean isRunning() {
        return process.isAlive();
    }

    /** Ends it properly; {@link #start()} goes on with the same data on the same port. */
    public synchronized void stop() {
        process.stop();
    }

    /** {@code SIGKILL}; {@link #start()} goes on with the same data on the same port. */
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
        Path log = settings.log == null ? settings.directory.resolve("kafka.log") : settings.log;
        Path properties = writeProperties();
        if (!Files.exists(data().resolve("meta.properties"))) {
            format(properties, log);
        }
        return ServerProcess.start(
                "Kafka",
                command("kafka.Kafka", properties.toString()),
                Map.of(),
                log,
                () -> ServerProcess.listens(port));
    }

    private void format(Path properties, Path log) {
        List<String> command =
                command(
                        "kafka.tools.StorageTool",
                        "format",
                        "-t",
                        clusterId(),
                        "-c",
                        properties.toString());
        try {
            Process format =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start();
            if (!format.waitFor(FORMAT.toSeconds(), TimeUnit.SECONDS) || format.exitValue() != 0) {
                format.destroyForcibly();
                throw new CairnException(
                        ErrorCode.SERVICE_UNREACHABLE,
                        "cannot format Kafka's storage in " + data(),
                        "see " + log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while formatting Kafka's storage", e);
        }
    }

    /** Kafka writes its UUIDs in URL-safe Base64 and refuses one that begins with a dash. */
    private static String clusterId() {
        UUID id = UUID.randomUUID();
        byte[] bytes =
                ByteBuffer.allocate(16)
                        .putLong(id.getMostSignificantBits() & Long.MAX_VALUE)
                        .putLong(id.getLeastSignificantBits())
                        .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private List<String> command(String main, String... arguments) {
        Path folder =
                (settings.servers == null ? Servers.folder() : settings.servers).resolve("kafka");
        List<String> command = new ArrayList<>(List.of(ServerProcess.java()));
        command.addAll(settings.jvmArguments);
        command.addAll(
                List.of(
                        "-cp",
                        Servers.jars(folder).stream()
                                .map(Path::toString)
                                .collect(Collectors.joining(File.pathSeparator))));
        command.add("-Dlog4j2.configurationFile=" + writeLogging());
        command.add(main);
        command.addAll(List.of(arguments));
        return command;
    }

    private Path data() {
        return settings.directory.resolve("data");
    }

    private Path writeProperties() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
        properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.put("log.dirs", data().toAbsolutePath().toString());
        properties.put("num.partitions", "1");
        for (String topic :
                List.of(
                        "offsets.topic",
                        "transaction.state.log",
                        "share.coordinator.state.topic")) {
            properties.put(topic + ".replication.factor", "1");
            properties.put(topic + ".num.partitions", "3");
        }
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        // After a kill the broker is let in again only when the session of its former life is over;
        // the default is 9 s.
        properties.put("broker.session.timeout.ms", "3000");
        properties.put("broker.heartbeat.interval.ms", "500");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("group.share.min.heartbeat.interval.ms", "500");
        properties.put("group.share.heartbeat.interval.ms", "500");
        // The default takes 128 MB of heap.
        properties.put("log.cleaner.dedupe.buffer.size", "8388608");
        properties.putAll(settings.properties);
        String text =
                properties.entrySet().stream()
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
            Files.createDirectories(settings.directory);
            return Files.writeString(settings.directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

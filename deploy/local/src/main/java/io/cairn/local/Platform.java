package io.cairn.local;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.config.Secret;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.server.LocalServer;
import io.cairn.testing.KafkaServer;
import io.cairn.testing.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Every part that runs, in the order in which they need each other; stopped in the opposite order.
 */
final class Platform {

    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Duration STREAM = Duration.ofSeconds(20);
    private static final String WAL_HOLD = "CAIRN_EXECUTOR_WAL_HOLD";

    private final Console console;
    private final Path sources;
    private final StateFolder state;
    private final Ports ports;

    private final List<SampleDatabase> samples = new ArrayList<>();
    private final List<RunningService> services = new ArrayList<>();
    private final List<Part> running = new ArrayList<>();

    private volatile @Nullable Executors executors;
    private @Nullable CairnConfig config;
    private int catalogPort;
    private volatile boolean stopping;
    private volatile @Nullable String ended;

    /** What needs what: a layer is stopped when those behind it have ended. */
    private enum Layer {
        SERVER,
        BROKER,
        SERVICE
    }

    private record Part(Layer layer, Stoppable stop) {}

    @FunctionalInterface
    private interface Stoppable {
        void stop() throws Exception;
    }

    Platform(Console console, Path sources, StateFolder state) {
        this.console = console;
        this.sources = sources;
        this.state = state;
        this.ports = new Ports(state.ports());
    }

    void start(Optional<UserConfig> user) throws Exception {
        console.heading("Servers");
        Future<S3Server> primary;
        Future<S3Server> secondary;
        Future<KafkaServer> kafka;
        Future<LocalServer> catalog;
        List<Future<SampleDatabase>> databases = new ArrayList<>();
        try (ExecutorService together =
                java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            primary = together.submit(() -> s3("s3-primary", 19000, "cairn-primary"));
            secondary =
                    together.submit(
                            () -> s3("s3-secondary", 19001, "cairn-secondary", "cairn-archive"));
            kafka = together.submit(this::kafka);
            catalog = together.submit(this::catalogDatabase);
            if (user.isEmpty()) {
                for (SampleCluster sample : SampleCluster.values()) {
                    databases.add(together.submit(() -> sample(sample)));
                }
            }
        }
        Stores stores = new Stores(result(primary), result(secondary));
        for (Future<SampleDatabase> database : databases) {
            samples.add(result(database));
        }
        ConfigFile.write(state.config(), configuration(stores), user);
        config = CairnConfigReader.read(state.config());

        console.heading("Services");
        startServices(environment(result(kafka), result(catalog)));
        queues().forEach(this::synchronize);
        RunningParts.parts(state).forEach(this::watch);
    }

    /** Clusters whose tier loses nothing. */
    private List<SampleDatabase> queues() {
        return samples.stream().filter(sample -> sample.sample().tier() == Tier.QUEUE).toList();
    }

    /** Its commits return when their WAL is in the bucket: RPO 0. */
    private void synchronize(SampleDatabase sample) {
        if (!Boolean.parseBoolean(walHold())) {
            return;
        }
        console.step(
                sample.sample().id(),
                () ->
                        sample.synchronousCommits().begin(STREAM)
                                ? "commits return when the bucket has them"
                                : "nobody streams its WAL: commits do not wait for the bucket");
    }

    /** Before its stream ends. */
    private void desynchronize(SampleDatabase sample) {
        try {
            sample.synchronousCommits().end();
        } catch (SQLException e) {
            console.failed(sample.sample().id(), "its commits may be waiting: " + e.getMessage());
        }
    }

    private String walHold() {
        return System.getenv().getOrDefault(WAL_HOLD, Boolean.toString(!samples.isEmpty()));
    }

    /** Says it when a part ends that nobody stopped. */
    private void watch(String part) {
        if (part.equals(RunningParts.SUPERVISOR)) {
            return;
        }
        Runnable say = () -> sayEnded(part);
        RunningParts.find(state, part)
                .ifPresentOrElse(
                        process -> {
                            var _ = process.onExit().thenRun(say);
                        },
                        say);
    }

    private void sayEnded(String part) {
        if (!stopping) {
            ended = part;
            console.failed(part, "ended by itself; its log is " + state.log(part));
        }
    }

    /** A part that ended although nobody stopped it. */
    Optional<String> endedByItself() {
        return Optional.ofNullable(ended);
    }

    /** What every part was started with. */
    CairnConfig config() {
        return Objects.requireNonNull(config, "started");
    }

    /**
     * Whether backups are encrypted for the platform's own key, not for one that the user named.
     */
    boolean hasOwnKeys() {
        return config().keys().recipients().stream()
                .anyMatch(recipient -> recipient.startsWith(state.keys()));
    }

    private S3Server s3(String name, int port, String... buckets) {
        S3Server[] server = new S3Server[1];
        console.step(
                name,
                () -> {
                    server[0] = Stores.server(name, port, ports, state, buckets);
                    onStop(Layer.SERVER, server[0]::stop);
                    return server[0].endpoint() + "  " + String.join(", ", buckets);
                });
        return server[0];
    }

    private KafkaServer kafka() {
        KafkaServer[] server = new KafkaServer[1];
        console.step(
                "kafka",
                () -> {
                    Files.createDirectories(state.data("kafka"));
                    server[0] =
                            KafkaServer.in(state.data("kafka"))
                                    .port(ports.of("kafka", 19092))
                                    .controllerPort(ports.of("kafka-controller", 19093))
                                    .log(state.log("kafka"))
                                    .start();
                    RunningParts.record(state, "kafka", server[0].pid());
                    onStop(Layer.BROKER, server[0]::stop);
                    return server[0].bootstrapServers();
                });
        return server[0];
    }

    private LocalServer catalogDatabase() {
        LocalServer[] server = new LocalServer[1];
        console.step(
                "catalog database",
                () -> {
                    Secret password = Secrets.getOrCreate(state.secret("catalog"));
                    Secret superuser = Secrets.getOrCreate(state.secret("catalog-superuser"));
                    server[0] =
                            LocalPostgres.start(
                                    "catalog-database",
                                    ports.of("catalog-database", 15430),
                                    state,
                                    superuser,
                                    created ->
                                            created.execute(
                                                    "postgres",
                                                    "CREATE ROLE cairn_catalog LOGIN PASSWORD '"
                                                            + password.reveal()
                                                            + "'",
                                                    "CREATE DATABASE cairn_catalog OWNER cairn_catalog"));
                    onStop(Layer.SERVER, server[0]::stop);
                    return "postgresql://" + server[0].address() + "/cairn_catalog";
                });
        return server[0];
    }

    private SampleDatabase sample(SampleCluster sample) {
        SampleDatabase[] database = new SampleDatabase[1];
        console.step(
                sample.id(),
                () -> {
                    database[0] = SampleDatabase.start(sample, ports, state);
                    onStop(Layer.SERVER, database[0]::close);
                    return "postgresql://"
                            + database[0].address()
                            + "/"
                            + sample.id()
                            + "  "
                            + sample.tier()
                            + ": "
                            + sample.content();
                });
        return database[0];
    }

    private Map<String, Object> configuration(Stores stores) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        Map<String, Object> clusters = new LinkedHashMap<>();
        samples.forEach(sample -> clusters.put(sample.sample().id(), sample.configuration(state)));
        configuration.put("clusters", clusters);
        configuration.put("stores", stores.configuration(state));
        configuration.put("keys", Keys.configuration(state));
        catalogPort = ports.of(Service.CATALOG.id(), Service.CATALOG.preferredPort());
        configuration.put("catalog", Map.of("url", "http://127.0.0.1:" + catalogPort));
        return configuration;
    }

    private Map<String, String> environment(KafkaServer kafka, LocalServer catalog) {
        Map<String, String> environment = new HashMap<>();
        environment.put("CAIRN_CONFIG", state.config().toString());
        environment.put("CAIRN_SERVERS", System.getProperty("cairn.servers"));
        environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        environment.put(
                "QUARKUS_DATASOURCE_JDBC_URL",
                "jdbc:postgresql://" + catalog.address() + "/cairn_catalog");
        environment.put(
                "QUARKUS_DATASOURCE_REACTIVE_URL",
                "postgresql://" + catalog.address() + "/cairn_catalog");
        environment.put("QUARKUS_DATASOURCE_USERNAME", "cairn_catalog");
        environment.put(
                "QUARKUS_DATASOURCE_PASSWORD",
                Secrets.getOrCreate(state.secret("catalog")).reveal());
        return environment;
    }

    private void startServices(Map<String, String> environment) throws Exception {
        try (ExecutorService together =
                java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RunningService>> starting = new ArrayList<>();
            for (Service service :
                    List.of(
                            Service.CATALOG,
                            Service.SCHEDULER,
                            Service.VALIDATOR,
                            Service.REPLICATION)) {
                starting.add(together.submit(() -> service(service, environment)));
            }
            Future<Executors> workers = together.submit(() -> executors(environment));
            for (Future<RunningService> service : starting) {
                services.add(result(service));
            }
            executors = result(workers);
        }
    }

    private RunningService service(Service service, Map<String, String> environment) {
        RunningService[] started = new RunningService[1];
        console.step(
                service.id(),
                () -> {
                    int port =
                            service == Service.CATALOG
                                    ? catalogPort
                                    : ports.of(service.id(), service.preferredPort());
                    started[0] =
                            RunningService.start(
                                    service, service.id(), port, sources, state, environment);
                    onStop(Layer.SERVICE, () -> started[0].process().stop(STOP));
                    return started[0].address();
                });
        return started[0];
    }

    private Executors executors(Map<String, String> environment) {
        Executors[] started = new Executors[1];
        console.step(
                "executor",
                () -> {
                    started[0] =
                            Executors.start(
                                    (name, tiers) -> executor(name, tiers, environment),
                                    this::sayEnded);
                    onStop(Layer.SERVICE, () -> started[0].stop(STOP));
                    return started[0].first().address() + "  every tier";
                });
        return started[0];
    }

    private RunningService executor(String name, String tiers, Map<String, String> environment)
            throws Exception {
        Map<String, String> all = new HashMap<>(environment);
        all.put("CAIRN_TIERS", tiers);
        // Slots on a database of the user's would keep its WAL when this platform has gone.
        all.put(WAL_HOLD, walHold());
        int port = ports.of(name, Service.EXECUTOR.preferredPort());
        return RunningService.start(Service.EXECUTOR, name, port, sources, state, all);
    }

    private synchronized void onStop(Layer layer, Stoppable stop) {
        running.add(new Part(layer, stop));
    }

    List<SampleDatabase> samples() {
        return List.copyOf(samples);
    }

    /**
     * @throws CairnException {@link ErrorCode#REQUEST_INVALID} while they are not up yet
     */
    Executors executors() {
        Executors running = executors;
        if (running == null) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "the platform is still starting",
                    "try again when deploy/local/up says that its executor runs");
        }
        return running;
    }

    /** The catalog's address, where the API is. */
    String catalog() {
        return services.stream()
                .filter(service -> service.service() == Service.CATALOG)
                .findFirst()
                .orElseThrow()
                .address();
    }

    /**
     * Ends Kafka and the services, and leaves the stores and the sample clusters: a restore needs
     * no more.
     */
    void stopControlPlane() {
        stopping = true;
        queues().forEach(this::desynchronize);
        stop(Layer.SERVICE);
        stop(Layer.BROKER);
    }

    void stop() {
        stopControlPlane();
        stop(Layer.SERVER);
        // A part that would not end stays on record: the next start refuses, and deploy/local/down
        // ends it.
        RunningParts.parts(state).stream()
                .filter(part -> RunningParts.find(state, part).isEmpty())
                .forEach(part -> RunningParts.forget(state, part));
    }

    private synchronized void stop(Layer layer) {
        List<Part> parts = running.stream().filter(part -> part.layer() == layer).toList();
        running.removeAll(parts);
        try (ExecutorService together =
                java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            parts.forEach(part -> together.execute(() -> stop(part)));
        }
    }

    private void stop(Part part) {
        try {
            part.stop().stop();
        } catch (Exception e) {
            console.failed("stopping", String.valueOf(e.getMessage()));
        }
    }

    private static <T> T result(Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}

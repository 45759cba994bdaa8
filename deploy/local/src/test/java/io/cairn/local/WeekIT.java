package io.cairn.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.config.Secret;
import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.DueCause;
import io.cairn.events.EventCodec;
import io.cairn.events.MaintenanceDue;
import io.cairn.events.MonitoringCheckDue;
import io.cairn.events.RetentionCleanupDue;
import io.cairn.events.SyncValidationDue;
import io.cairn.events.Topics;
import io.cairn.events.ValidationDue;
import io.cairn.local.RequiredWeek.Outage;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.policy.MaintenanceKind;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.compare.TableDigests;
import io.cairn.scheduler.dispatch.DispatchObserver;
import io.cairn.scheduler.dispatch.Dispatcher;
import io.cairn.scheduler.dispatch.kafka.KafkaScheduleLog;
import io.cairn.scheduler.firing.CursorStart;
import io.cairn.scheduler.firing.FiringRules;
import io.cairn.scheduler.firing.Scheduler;
import io.cairn.scheduler.policy.SchedulePlan;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.KafkaServer;
import io.cairn.testing.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A week of the four tiers. The scheduler runs through it on a clock of the test's, with two
 * outages, on a machine whose own clock is put forward on the Sunday; of what it published, one due
 * event of each kind and tier is taken by a real executor from a real server, and restored with
 * nothing left but the store. An older chain of one cluster expires before that; what is kept is
 * restored to a point in time.
 */
class WeekIT {

    private static final Path HOME = Path.of(System.getProperty("cairn.home"));
    private static final Duration QUARTER = Duration.ofMinutes(15);
    private static final Duration TAKEN = Duration.ofSeconds(90);

    /** Monday; far enough from now that every run may still start. */
    private static final Instant BEGIN = Instant.parse("2036-03-24T00:00:10Z");

    /** The Sunday's, behind the last backup that is taken. */
    private static final Instant CLEAN_UP = Instant.parse("2036-03-30T08:45:00Z");

    private static final RequiredWeek WEEK =
            new RequiredWeek(
                    BEGIN,
                    BEGIN.plus(Duration.ofDays(7)),
                    List.of(
                            new Outage(
                                    Instant.parse("2036-03-26T10:15:10Z"),
                                    Instant.parse("2036-03-27T03:40:10Z"),
                                    List.of(
                                            "shop:20360327T020000Z-F",
                                            "shop:20360327T030000Z-I",
                                            "mail:20360327T030000Z-F",
                                            "jobs:20360327T010000Z-F",
                                            "jobs:20360327T031500Z-L")),
                            new Outage(
                                    Instant.parse("2036-03-29T23:45:10Z"),
                                    Instant.parse("2036-03-30T07:10:10Z"),
                                    List.of(
                                            "shop:20360330T020000Z-F",
                                            "shop:20360330T070000Z-I",
                                            "mail:20360330T030000Z-F",
                                            "warehouse:20360330T040000Z-F",
                                            "warehouse:20360330T060000Z-S"))));

    private final Path folder = Path.of("target", "week").toAbsolutePath();
    private final StateFolder state = new StateFolder(folder);
    private final Map<SampleCluster, LocalServer> sources = new EnumMap<>(SampleCluster.class);
    private final List<AutoCloseable> open = new ArrayList<>();
    private final TimeZone zone = TimeZone.getDefault();

    /** The position that the shop is restored to. */
    private Lsn shopGoesOn = new Lsn(0);

    @BeforeEach
    void beginAnewWhereClocksAreChanged() throws Exception {
        FileTrees.delete(folder);
        state.create();
        TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));
    }

    @AfterEach
    void endEverything() throws Exception {
        TimeZone.setDefault(zone);
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void everyTierIsBackedUpWhenTheRequirementSaysAndComesBack() throws Exception {
        Ports ports = new Ports(state.ports());
        KafkaServer kafka;
        S3Server store;
        try (ExecutorService together = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<KafkaServer> broker = together.submit(this::kafka);
            Future<S3Server> s3 =
                    together.submit(() ->
                            Stores.server(
                                    "s3", 0, ports, state, Stores.NAMES.toArray(String[]::new)));
            Map<SampleCluster, Future<LocalServer>> servers = new EnumMap<>(SampleCluster.class);
            for (SampleCluster cluster : SampleCluster.values()) {
                servers.put(cluster, together.submit(() -> source(cluster, ports)));
            }
            kafka = broker.get();
            store = closing(s3.get());
            for (SampleCluster cluster : SampleCluster.values()) {
                sources.put(cluster, closing(servers.get(cluster).get()));
            }
        }
        CairnConfig config = configure(store);

        Map<String, ConsumerRecord<String, byte[]>> dues = aWeekPasses(kafka, config);

        Map<SampleCluster, BackupCompleted> newest = taken(kafka, ports, dues);
        Map<SampleCluster, List<TableDigest>> expected = new EnumMap<>(SampleCluster.class);
        for (SampleCluster cluster : SampleCluster.values()) {
            LocalServer source = sources.get(cluster);
            expected.put(cluster, TableDigests.ofCluster(source::connect, "postgres"));
            source.stop();
        }
        assertThat(new WeeksCleanUp(config, CLEAN_UP).run(newest.get(SampleCluster.SHOP)))
                .containsExactly(new BackupLabel("20360324T020000Z-F"));
        everyKindIsListedAndVerified(newest);
        leaveNothingButTheSnapshot(store, newest.get(SampleCluster.WAREHOUSE));
        restore(newest, expected);
    }

    private KafkaServer kafka() throws Exception {
        KafkaServer server = KafkaServer.in(Files.createDirectories(state.data("kafka"))).start();
        closing(server);
        List<NewTopic> topics =
                Stream.concat(Topics.all().stream(), Stream.of(Topics.deadLetter(Topics.REQUESTS)))
                        .map(name -> new NewTopic(name, 1, (short) 1))
                        .collect(Collectors.toCollection(ArrayList::new));
        topics.add(
                new NewTopic(Topics.SCHEDULE, 1, (short) 1)
                        .configs(Map.of("cleanup.policy", "compact")));
        try (Admin admin = Admin.create(client(server))) {
            admin.createTopics(topics).all().get();
        }
        return server;
    }

    private static Map<String, Object> client(KafkaServer kafka) {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }

    private LocalServer source(SampleCluster cluster, Ports ports) throws Exception {
        Secret role = Secrets.getOrCreate(state.secret(cluster.id()));
        return LocalPostgres.start(
                cluster.id(),
                ports.of(cluster.id(), 0),
                state,
                Secrets.getOrCreate(state.secret("superuser")),
                server -> {
                    // A scheduled run spreads its checkpoint over minutes of idleness otherwise.
                    server.execute(
                            "postgres",
                            "ALTER SYSTEM SET checkpoint_completion_target = 0",
                            "SELECT pg_reload_conf()",
                            "CREATE TABLE facts (n serial PRIMARY KEY, body text)");
                    for (String sql : SampleDatabase.roleSql(role)) {
                        server.execute("postgres", sql);
                    }
                    write(server);
                });
    }

    private static void write(LocalServer server) throws SQLException {
        server.execute(
                "postgres",
                "INSERT INTO facts (body) SELECT md5(random()::text) FROM generate_series(1, 5000)",
                "UPDATE facts SET body = md5(body) WHERE n % 100 = 0");
    }

    /** The tiers' policies are the defaults: the requirement's. */
    private CairnConfig configure(S3Server store) {
        Map<String, Object> clusters = new LinkedHashMap<>();
        sources.forEach((cluster, server) ->
                clusters.put(
                        cluster.id(),
                        SampleDatabase.configuration(cluster, server.address().toString(), state)));
        Map<String, Object> stores = new LinkedHashMap<>();
        Stores.NAMES.forEach(name -> stores.put(name, Stores.store(store, name, state)));
        ConfigFile.write(
                state.config(),
                Map.of("clusters", clusters, "stores", stores, "keys", Keys.configuration(state)),
                Optional.empty());
        return CairnConfigReader.read(state.config());
    }

    /**
     * Compares what the scheduler said of the week with the requirement.
     *
     * @return the due events by run, as they were published
     */
    private Map<String, ConsumerRecord<String, byte[]>> aWeekPasses(
            KafkaServer kafka, CairnConfig config) {
        schedule(kafka, config, WEEK.from(), WEEK.outages().get(0).lastSeen());
        schedule(kafka, config, WEEK.outages().get(0).back(), WEEK.outages().get(1).lastSeen());
        schedule(kafka, config, WEEK.outages().get(1).back(), WEEK.until());

        SortedMap<String, String> told = new TreeMap<>();
        Map<String, ConsumerRecord<String, byte[]>> dues = new HashMap<>();
        List<MaintenanceDue> maintenance;
        try (TopicReader topics = new TopicReader(kafka.bootstrapServers(), Topics.all())) {
            topics.readOn();
            topics.events(BackupDue.class)
                    .forEach(due -> {
                        tell(told, due.run(), words(due.cause()));
                        assertThat(due.policy())
                                .as(due.tier().id())
                                .isEqualTo(required(due.tier()));
                    });
            topics.events(BackupSkipped.class)
                    .forEach(skipped -> tell(told, skipped.run(), "skipped"));
            topics.events(BackupSuperseded.class)
                    .forEach(superseded ->
                            tell(
                                    told,
                                    superseded.run(),
                                    "superseded by " + superseded.supersededBy()));
            maintenance = topics.events(MaintenanceDue.class).toList();
            for (ConsumerRecord<String, byte[]> message : topics.records()) {
                if (EventCodec.decode(message).orElseThrow().data() instanceof BackupDue due) {
                    dues.put(due.run().toString(), message);
                }
            }
        }
        assertThat(told).isEqualTo(WEEK.backups());
        assertThat(dueTimes(maintenance, MonitoringCheckDue.class))
                .isEqualTo(WEEK.maintenance(MaintenanceKind.MONITORING_CHECK));
        assertThat(dueTimes(maintenance, RetentionCleanupDue.class))
                .isEqualTo(WEEK.maintenance(MaintenanceKind.RETENTION_CLEANUP));
        assertThat(dueTimes(maintenance, SyncValidationDue.class))
                .isEqualTo(WEEK.maintenance(MaintenanceKind.SYNC_VALIDATION));
        // The one that was due in an outage is caught up.
        List<Instant> validations = new ArrayList<>(WEEK.maintenance(MaintenanceKind.VALIDATION));
        validations.add(Instant.parse("2036-03-30T05:00:00Z"));
        assertThat(dueTimes(maintenance, ValidationDue.class))
                .containsExactlyElementsOf(validations.stream().sorted().toList());
        return dues;
    }

    private static void tell(Map<String, String> told, RunId run, String what) {
        assertThat(told.put(run.toString(), what)).as("told before of " + run).isNull();
    }

    private static String words(DueCause cause) {
        return switch (cause) {
            case SCHEDULED -> "scheduled";
            case CAUGHT_UP -> "caught up";
            case REQUESTED -> "requested";
        };
    }

    private static List<Instant> dueTimes(
            List<MaintenanceDue> maintenance, Class<? extends MaintenanceDue> type) {
        return maintenance.stream().filter(type::isInstance).map(MaintenanceDue::dueAt).toList();
    }

    /** Retention, recovery objectives and storage of the requirement's table. */
    private static RunPolicy required(Tier tier) {
        return switch (tier) {
            case OLTP -> policy(90, Duration.ofMinutes(15), Duration.ofMinutes(15), "secondary", 6);
            case CONTENT -> policy(180, Duration.ofMinutes(30), Duration.ofHours(1), "archive", 9);
            case QUEUE -> policy(30, Duration.ofMinutes(5), Duration.ZERO, "secondary", 6);
            case OLAP -> policy(365, Duration.ofHours(2), Duration.ofHours(24), "archive", 6);
        };
    }

    private static RunPolicy policy(
            int days, Duration rto, Duration rpo, String secondCopy, int gzipLevel) {
        return new RunPolicy(
                Duration.ofDays(days),
                rto,
                rpo,
                List.of(new StoreName("primary"), new StoreName(secondCopy)),
                gzipLevel,
                RunPolicy.VOLUME_BYTES_DEFAULT);
    }

    /**
     * One life of a scheduler, which looks at the clock at its start and every quarter of an hour.
     */
    private static void schedule(
            KafkaServer kafka, CairnConfig config, Instant from, Instant until) {
        SimulatedClock clock = new SimulatedClock(from);
        Dispatcher[] loop = new Dispatcher[1];
        loop[0] =
                new Dispatcher(
                        new Scheduler(
                                SchedulePlan.of(config, EnumSet.allOf(BackupKind.class)),
                                FiringRules.DEFAULT),
                        new KafkaScheduleLog(client(kafka), "cairn-scheduler", new Random()),
                        clock::now,
                        CursorStart.KEEP,
                        Duration.ofMillis(1),
                        new DispatchObserver() {
                            @Override
                            public void ticked(Instant now, Duration clockBehind) {
                                if (now.isBefore(until)) {
                                    clock.toNextQuarter();
                                } else {
                                    loop[0].close();
                                }
                            }
                        });
        loop[0].run();
    }

    /** Ten seconds after a quarter of an hour, but for its beginning. */
    private static final class SimulatedClock {

        private Instant now;

        SimulatedClock(Instant from) {
            this.now = from;
        }

        Instant now() {
            return now;
        }

        void toNextQuarter() {
            long quarters = Math.floorDiv(now.getEpochSecond(), QUARTER.toSeconds());
            now = Instant.ofEpochSecond((quarters + 1) * QUARTER.toSeconds() + 10);
        }
    }

    /** A full of every tier, then, of changed rows, what else the tier takes. */
    private Map<SampleCluster, BackupCompleted> taken(
            KafkaServer kafka, Ports ports, Map<String, ConsumerRecord<String, byte[]>> dues)
            throws Exception {
        forgetTheWeek(kafka);
        RunningService executor =
                RunningService.start(
                        Service.EXECUTOR,
                        "executor",
                        ports.of("executor", 0),
                        HOME,
                        state,
                        Map.of(
                                "CAIRN_CONFIG", state.config().toString(),
                                "KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers(),
                                "CAIRN_EXECUTOR_CHAIN_INCREMENTALS", "24",
                                "CAIRN_EXECUTOR_WAL_HOLD", "true",
                                "TZ", "Europe/Berlin"));
        open.add(() -> executor.process().stop(Duration.ZERO));
        try (TopicReader lifecycle =
                new TopicReader(kafka.bootstrapServers(), List.of(Topics.LIFECYCLE))) {
            Consumer<List<String>> take =
                    runs -> {
                        publish(kafka, runs.stream().map(dues::get).toList());
                        Awaitility.await()
                                .atMost(TAKEN)
                                .pollInterval(Duration.ofMillis(200))
                                .until(() -> areComplete(lifecycle.readOn(), runs));
                    };
            take.accept(List.of("shop:20360324T020000Z-F"));
            take.accept(
                    List.of(
                            "shop:20360330T020000Z-F",
                            "mail:20360330T030000Z-F",
                            "jobs:20360329T010000Z-F",
                            "warehouse:20360330T040000Z-F"));
            for (LocalServer source : sources.values()) {
                write(source);
            }
            Map<SampleCluster, String> second =
                    Map.of(
                            SampleCluster.SHOP, "shop:20360330T080000Z-I",
                            SampleCluster.MAIL, "mail:20360330T083000Z-I",
                            SampleCluster.JOBS, "jobs:20360330T081500Z-L",
                            SampleCluster.WAREHOUSE, "warehouse:20360330T060000Z-S");
            take.accept(List.copyOf(second.values()));

            Map<SampleCluster, BackupCompleted> newest = new EnumMap<>(SampleCluster.class);
            second.forEach(
                    (cluster, run) -> newest.put(cluster, completed(lifecycle, run).orElseThrow()));
            assertThat(newest.get(SampleCluster.SHOP).parent().orElseThrow())
                    .hasToString("20360330T020000Z-F");
            assertThat(newest.get(SampleCluster.MAIL).parent().orElseThrow())
                    .hasToString("20360330T030000Z-F");
            assertThat(newest.get(SampleCluster.JOBS).startLsn())
                    .isEqualTo(
                            completed(lifecycle, "jobs:20360329T010000Z-F")
                                    .orElseThrow()
                                    .stopLsn());
            assertThat(newest.get(SampleCluster.WAREHOUSE).parent()).isEmpty();
            shopGoesOn = writtenAndStored(newest.get(SampleCluster.SHOP));
            return newest;
        } finally {
            executor.process().stop(Duration.ZERO);
            kafka.stop();
        }
    }

    /** Rows behind the newest backup, which only its WAL brings back. */
    private Lsn writtenAndStored(BackupCompleted newest) throws SQLException {
        LocalServer shop = sources.get(SampleCluster.SHOP);
        write(shop);
        Lsn written;
        try (Connection connection = shop.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT pg_current_wal_insert_lsn(), pg_switch_wal()")) {
            assertThat(row.next()).isTrue();
            written = Lsn.parse(row.getString(1));
        }
        WalSegment last =
                WalSegment.containing(
                        newest.timeline(), written.plus(-1), new SegmentSize(16 << 20));
        ObjectKey key =
                new WalLayout(new ClusterRoot(newest.cluster(), newest.systemIdentifier()))
                        .segment(last);
        try (ObjectStore store =
                S3ObjectStore.open(CairnConfigReader.read(state.config()).store(newest.store()))) {
            Awaitility.await()
                    .atMost(TAKEN)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> store.head(key).isPresent());
        }
        return written;
    }

    /** So that the executor finds nothing to do but what the test picks. */
    private static void forgetTheWeek(KafkaServer kafka) throws Exception {
        Map<TopicPartition, RecordsToDelete> all =
                Stream.of(Tier.values())
                        .map(tier -> new TopicPartition(Topics.due(tier), 0))
                        .collect(
                                Collectors.toMap(
                                        due -> due, _ -> RecordsToDelete.beforeOffset(-1)));
        try (Admin admin = Admin.create(client(kafka))) {
            admin.deleteRecords(all).all().get();
        }
    }

    private static void publish(KafkaServer kafka, List<ConsumerRecord<String, byte[]>> dues) {
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(
                        client(kafka), new StringSerializer(), new ByteArraySerializer())) {
            for (ConsumerRecord<String, byte[]> due : dues) {
                producer.send(
                        new ProducerRecord<>(
                                due.topic(), null, due.key(), due.value(), due.headers()));
            }
        }
    }

    private static boolean areComplete(TopicReader lifecycle, List<String> runs) {
        List<String> over =
                Stream.concat(
                                lifecycle.events(BackupFailed.class).map(Object::toString),
                                lifecycle
                                        .events(BackupSuperseded.class)
                                        .filter(event -> event.reason().isPresent())
                                        .map(Object::toString))
                        .toList();
        assertThat(over).isEmpty();
        return runs.stream().allMatch(run -> completed(lifecycle, run).isPresent());
    }

    private static Optional<BackupCompleted> completed(TopicReader lifecycle, String run) {
        return lifecycle
                .events(BackupCompleted.class)
                .filter(event -> event.run().toString().equals(run))
                .findFirst();
    }

    private void everyKindIsListedAndVerified(Map<SampleCluster, BackupCompleted> newest)
            throws Exception {
        String list = cairn("list");
        for (BackupCompleted backup : newest.values()) {
            assertThat(list).contains(backup.run().label().toString());
        }
        String log = newest.get(SampleCluster.JOBS).run().toString();
        assertThat(cairn("verify", log)).contains("ok      " + log);
    }

    /** What a snapshot needs is its own. */
    private static void leaveNothingButTheSnapshot(S3Server store, BackupCompleted snapshot)
            throws Exception {
        Path root =
                store.files("primary")
                        .resolve(snapshot.cluster().value())
                        .resolve(snapshot.systemIdentifier().toString());
        FileTrees.delete(root.resolve("wal"));
        FileTrees.delete(root.resolve("pieces"));
        Path full = root.resolve("backups/20360330T040000Z-F");
        assertThat(full).exists();
        FileTrees.delete(full);
    }

    /** Incrementals on their full, the log backup as a point to recover to, the snapshot alone. */
    private void restore(
            Map<SampleCluster, BackupCompleted> newest,
            Map<SampleCluster, List<TableDigest>> expected)
            throws Exception {
        try (ExecutorService together = Executors.newFixedThreadPool(2)) {
            Map<SampleCluster, Future<List<TableDigest>>> restored =
                    new EnumMap<>(SampleCluster.class);
            newest.forEach((cluster, backup) ->
                    restored.put(cluster, together.submit(() -> restored(cluster, backup))));
            for (SampleCluster cluster : SampleCluster.values()) {
                assertThat(
                                TableDigests.differences(
                                        expected.get(cluster), restored.get(cluster).get()))
                        .as(cluster.id())
                        .isEmpty();
            }
        }
    }

    private List<TableDigest> restored(SampleCluster cluster, BackupCompleted backup)
            throws Exception {
        Path target = state.data(cluster.id() + "-restored");
        boolean shop = cluster == SampleCluster.SHOP;
        boolean log = shop || backup.run().label().kind() == BackupKind.LOG;
        Lsn position = shop ? shopGoesOn : backup.stopLsn();
        cairn(
                "restore",
                "--cluster",
                cluster.id(),
                "--target-dir",
                target.toString(),
                log ? "--target-lsn" : "--set",
                log ? position.toString() : backup.run().label().toString());
        try (LocalServer server =
                LocalServer.on(PostgresBinaries.find(LocalPostgres.MAJOR), target)
                        .privateSocket()
                        .ownConfigurationOnly()
                        .logFile(state.log(cluster.id() + "-restored"))
                        .start()) {
            return TableDigests.ofCluster(server::connect, "postgres");
        }
    }

    /** What the operator's command writes; it ends well. */
    private String cairn(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(HOME.resolve("deploy/bin/cairn").toString()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(folder, "cairn-", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().put("CAIRN_CONFIG", state.config().toString());
        builder.environment().put("CAIRN_SERVERS", System.getProperty("cairn.servers"));
        Process cairn = builder.start();
        try {
            assertThat(cairn.waitFor(TAKEN.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(cairn.exitValue()).as(Files.readString(output)).isZero();
            return Files.readString(output);
        } finally {
            cairn.destroyForcibly();
        }
    }

    private <T extends AutoCloseable> T closing(T part) {
        synchronized (open) {
            open.add(part);
        }
        return part;
    }
}

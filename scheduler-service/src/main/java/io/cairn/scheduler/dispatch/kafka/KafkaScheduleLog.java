package io.cairn.scheduler.dispatch.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cairn.events.EventCodec;
import io.cairn.events.EventEnvelope;
import io.cairn.events.Topics;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.scheduler.dispatch.ScheduleLog;
import io.cairn.scheduler.firing.Decision;
import io.cairn.scheduler.firing.Incoming;
import io.cairn.scheduler.firing.Ledger;
import io.cairn.service.events.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The schedule log on Kafka. A commit is one transaction that holds the due events, what is
 * remembered (topic {@code cairn.schedule}), the dead letters and the offsets of the requests, so
 * all of it becomes visible to {@code read_committed} readers at once, or never.
 *
 * <p>The transactional id is the same for every instance of a deployment. {@link #open()}
 * initialises it, which makes the broker abort what an earlier instance left open and refuse
 * everything that instance still sends; only then is the topic read, so nothing can be committed
 * behind the reader's back.
 *
 * <p>The clients are plain ones. SmallRye's transactions begin and end per message or emitter,
 * whereas here one thread has to see requests, clock and state at once, must never begin anew after
 * it was shut out, and must not be told "failed" while a commit's fate is unknown.
 */
public final class KafkaScheduleLog implements ScheduleLog {

    private static final Logger LOG = Logger.getLogger(KafkaScheduleLog.class);

    /** Whose committed offsets say which requests are answered. */
    static final String GROUP = "cairn-scheduler";

    private static final Duration BLOCK_MAX = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);
    private static final Duration READ_MAX = Duration.ofSeconds(60);
    private static final int REQUESTS_AT_ONCE = 100;

    private final Map<String, Object> client;
    private final String transactionalId;
    private final TraceContext traces;
    private @Nullable Session session;

    /** What is open between {@link #open()} and the end. */
    private record Session(Producer<String, byte[]> producer, RequestReader requests) {

        void close() {
            producer.close(CLOSE_MAX);
            requests.close();
        }
    }

    /**
     * @param client what every client is configured with: {@code bootstrap.servers}, security
     * @param transactionalId the same for all instances of a deployment, and for nothing else
     * @param random trace ids
     */
    public KafkaScheduleLog(
            Map<String, Object> client, String transactionalId, RandomGenerator random) {
        this.client = Map.copyOf(client);
        this.transactionalId = transactionalId;
        this.traces = new TraceContext(random);
    }

    @Override
    public Ledger open() {
        closeSession();
        Producer<String, byte[]> producer =
                new KafkaProducer<>(
                        producerConfig(), new StringSerializer(), new ByteArraySerializer());
        try {
            producer.initTransactions();
            Ledger ledger = readBack();
            session = new Session(producer, new RequestReader(requestConsumer()));
            return ledger;
        } catch (KafkaException e) {
            producer.close(Duration.ZERO);
            throw translate("open the schedule", e);
        } catch (RuntimeException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    private Ledger readBack() {
        Ledger ledger = new Ledger();
        TopicPartition partition = new TopicPartition(Topics.SCHEDULE, ScheduleCodec.PARTITION);
        Instant limit = Instant.now().plus(READ_MAX);
        try (Consumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        consumerConfig(), new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            // For a read_committed consumer this is the last stable offset; no transaction of ours
            // is open any more.
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, byte[]> stored :
                        consumer.poll(Duration.ofMillis(500))) {
                    ledger.apply(ScheduleCodec.decode(stored));
                }
                if (Instant.now().isAfter(limit)) {
                    throw unreachable(
                            "read the schedule back within " + READ_MAX.toSeconds() + " s", null);
                }
            }
        }
        return ledger;
    }

    @Override
    public List<Incoming> poll(Duration timeout) {
        try {
            return session().requests().poll(timeout);
        } catch (KafkaException e) {
            throw translate("read requests", e);
        }
    }

    @Override
    public void commit(Decision decision) {
        transact(() -> write(decision));
        end();
    }

    /** The end of a commit: with it, all that was written becomes visible. */
    void end() {
        transact(() -> untilKnown(session().producer()::commitTransaction));
        session().requests().committed();
    }

    private void transact(Runnable part) {
        try {
            part.run();
        } catch (InterruptException e) {
            // Nobody knows whether the transaction is committed; the next to open the log will.
            throw translate("publish due events", e);
        } catch (KafkaException e) {
            abort(e);
            throw translate("publish due events", e);
        }
    }

    /** Everything of a commit but its end, which fails if one of the sends has. */
    @SuppressWarnings("FutureReturnValueIgnored") // the commit tells
    void write(Decision decision) {
        Producer<String, byte[]> producer = session().producer();
        RequestReader requests = session().requests();
        producer.beginTransaction();
        decision.events().forEach(event -> producer.send(EventCodec.encode(traced(event))));
        decision.records()
                .forEach(scheduleRecord -> producer.send(ScheduleCodec.encode(scheduleRecord)));
        decision.refusals()
                .forEach(refusal ->
                        producer.send(
                                deadLetter(requests.request(refusal.position()), refusal.why())));
        Map<TopicPartition, OffsetAndMetadata> offsets = requests.toCommit();
        if (!offsets.isEmpty()) {
            producer.sendOffsetsToTransaction(offsets, requests.group());
        }
    }

    /** A request's trace goes on; a due time begins one. */
    private EventEnvelope<?> traced(EventEnvelope<?> event) {
        return event.tracedBy(traces.next(event.traceparent()));
    }

    private void abort(KafkaException why) {
        if (isFenced(why)) {
            // The one who shut this instance out has aborted the transaction already.
            return;
        }
        try {
            untilKnown(session().producer()::abortTransaction);
        } catch (KafkaException e) {
            e.addSuppressed(why);
            throw isFenced(e) || e instanceof InterruptException
                    ? translate("abort a transaction", e)
                    : unusable(e);
        }
        session().requests().rewind();
    }

    /**
     * Calls until the broker has answered: the end of a transaction may be asked for again after a
     * timeout, and only the answer tells whether the events are out. A broker that is away is
     * waited for without a limit, since there is nothing else this process could rightly do; its
     * readiness says so meanwhile. Each call waits up to {@link #BLOCK_MAX} itself.
     */
    private static void untilKnown(Runnable end) {
        boolean known = false;
        while (!known) {
            try {
                end.run();
                known = true;
            } catch (TimeoutException e) {
                LOG.warnf(
                        "The broker does not say whether a transaction has ended; asking again: %s",
                        e.getMessage());
            }
        }
    }

    /** As the intake of the other services writes them: the record as it was, headers added. */
    private static ProducerRecord<String, byte[]> deadLetter(
            ConsumerRecord<byte[], byte[]> request, CairnException why) {
        ProducerRecord<String, byte[]> letter =
                new ProducerRecord<>(
                        Topics.deadLetter(request.topic()),
                        null,
                        request.key() == null ? null : new String(request.key(), UTF_8),
                        request.value(),
                        request.headers());
        Map<String, String> headers =
                Map.of(
                        "cairn_dlq_reason", why.code() + ": " + why.messageWithHint(),
                        "cairn_dlq_topic", request.topic(),
                        "cairn_dlq_partition", Integer.toString(request.partition()),
                        "cairn_dlq_offset", Long.toString(request.offset()),
                        "cairn_dlq_group", GROUP);
        headers.forEach(
                (name, value) -> letter.headers().remove(name).add(name, value.getBytes(UTF_8)));
        return letter;
    }

    private Session session() {
        if (session == null) {
            throw CairnException.bug("the schedule log is not open");
        }
        return session;
    }

    private void closeSession() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    @Override
    public void close() {
        closeSession();
    }

    private Map<String, Object> producerConfig() {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Math.toIntExact(BLOCK_MAX.toMillis()));
        config.put(
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.toIntExact(REQUEST_TIMEOUT.toMillis()));
        config.put(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(BLOCK_MAX.toMillis()));
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        return config;
    }

    private Consumer<byte[], byte[]> requestConsumer() {
        Map<String, Object> config = consumerConfig();
        config.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, REQUESTS_AT_ONCE);
        return new KafkaConsumer<>(
                config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private Map<String, Object> consumerConfig() {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                Math.toIntExact(BLOCK_MAX.toMillis()));
        config.put(
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.toIntExact(REQUEST_TIMEOUT.toMillis()));
        return config;
    }

    private CairnException translate(String what, KafkaException e) {
        if (isFenced(e)) {
            return new CairnException(
                    ErrorCode.SCHEDULER_FENCED,
                    "another scheduler with the transactional id '"
                            + transactionalId
                            + "' has started; this one must end",
                    "run one scheduler per deployment; two deployments on one broker need different"
                            + " cairn.scheduler.transactional-id",
                    e);
        }
        if (e instanceof AuthorizationException) {
            return new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "the broker does not let the scheduler " + what + ": " + e.getMessage(),
                    "grant it its transactional id, read on cairn.requests, read and write on cairn.schedule, write on"
                            + " the due topics",
                    e);
        }
        return unreachable(what, e);
    }

    /**
     * A producer that was shut out hears it as either; nothing else raises the epoch of an id whose
     * transactions are short.
     */
    private static boolean isFenced(KafkaException e) {
        return e instanceof ProducerFencedException
                || e instanceof InvalidProducerEpochException
                || e.getCause() instanceof ProducerFencedException
                || e.getCause() instanceof InvalidProducerEpochException;
    }

    private static CairnException unusable(KafkaException e) {
        return new CairnException(
                ErrorCode.INTERNAL,
                "the scheduler's transaction can neither be committed nor aborted: "
                        + e.getMessage(),
                "start the scheduler again; it goes on where the last committed transaction ended",
                e);
    }

    private static CairnException unreachable(String what, @Nullable Exception cause) {
        return new CairnException(
                ErrorCode.BROKER_UNREACHABLE,
                "cannot " + what + (cause == null ? "" : ": " + cause.getMessage()),
                "check that the Kafka broker runs and that kafka.bootstrap.servers names it",
                cause);
    }
}

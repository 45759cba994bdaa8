package io.cairn.service.intake;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One consumer of the group and the thread that owns it: takes one record at a time, keeps its lock
 * while a {@link WorkItem} does the work, and acknowledges it.
 */
final class IntakeWorker implements Runnable {

    static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private static final Logger LOG = Logger.getLogger(ShareGroupIntake.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration COMMIT_LIMIT_MAX = Duration.ofSeconds(10);
    private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    private final int number;
    private final WorkItem.Context context;
    private final Thread thread;
    private final Duration renewEvery;
    private final Duration commitLimit;
    private volatile @Nullable RunningWork running;
    private volatile @Nullable String failure;

    IntakeWorker(int number, WorkItem.Context context) {
        this.number = number;
        this.context = context;
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("intake-" + context.settings().group() + "-" + number)
                        .unstarted(this);
        this.renewEvery = context.settings().lease().renewEvery();
        this.commitLimit = shorter(renewEvery, COMMIT_LIMIT_MAX);
    }

    void start() {
        thread.start();
    }

    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /** Waits for the worker's end, at most until {@code deadline}. */
    void await(Deadline deadline) {
        try {
            thread.join(deadline.left());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void interruptHandler() {
        RunningWork work = running;
        if (work != null) {
            work.interrupt();
        }
    }

    /** Releases the record although its handler has not ended. */
    void abandonHandler() {
        if (running != null) {
            thread.interrupt();
        }
    }

    @Override
    public void run() {
        Duration pause = PAUSE_MIN;
        while (!context.closing().hasBegun()) {
            try {
                takeWork();
            } catch (RuntimeException e) {
                LOG.errorf(
                        e,
                        "%s cannot take work; it tries again in %d s",
                        thread.getName(),
                        pause.toSeconds());
                pause = failure == null ? PAUSE_MIN : shorter(pause.multipliedBy(2), PAUSE_MAX);
                failure = e.toString();
                pause(pause);
            }
        }
    }

    private void takeWork() {
        KafkaShareConsumer<byte[], byte[]> consumer = open();
        try {
            consumer.subscribe(context.settings().topics());
            while (!context.closing().hasBegun()) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                failure = null;
                if (!records.isEmpty()) {
                    take(consumer, records.iterator().next());
                }
            }
        } finally {
            // Releases what was polled and not worked on.
            consumer.close(CLOSE_LIMIT);
        }
    }

    private KafkaShareConsumer<byte[], byte[]> open() {
        Map<String, Object> config = context.settings().clientOf(Integer.toString(number));
        config.put(ConsumerConfig.GROUP_ID_CONFIG, context.settings().group());
        config.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
        // One record, strictly: the others would wait behind it with their locks running out.
        config.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        return new KafkaShareConsumer<>(
                config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void take(
            KafkaShareConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record) {
        if (context.closing().hasBegun()) {
            return;
        }
        WorkItem item = new WorkItem(context, record);
        RunningWork work = RunningWork.start(item);
        running = work;
        try {
            Optional<ConsumerRecord<byte[], byte[]>> held = holdWhile(work, consumer, record);
            if (held.isPresent() && acknowledge(consumer, held.get(), work.settlement().type())) {
                context.counters().settled(work.settlement());
            } else {
                context.counters().lost();
                LOG.warnf(
                        "%s has ended, but it is no longer ours: it will be delivered again", item);
            }
        } finally {
            running = null;
        }
    }

    /** Renews the lock until the work ends; empty if the lock was lost on the way. */
    private Optional<ConsumerRecord<byte[], byte[]>> holdWhile(
            RunningWork work,
            KafkaShareConsumer<byte[], byte[]> consumer,
            ConsumerRecord<byte[], byte[]> record) {
        Optional<ConsumerRecord<byte[], byte[]>> held = Optional.of(record);
        try {
            while (!work.endsWithin(renewEvery)) {
                // Once lost, nothing is polled until the work has ended: what came would be another
                // record.
                held = held.flatMap(mine -> renew(consumer, mine));
            }
        } catch (InterruptedException e) {
            LOG.warnf("%s is released although its handler has not ended", thread.getName());
        }
        return held;
    }

    /**
     * The record as the poll after the renewal returns it: only that one can be acknowledged again.
     */
    private Optional<ConsumerRecord<byte[], byte[]>> renew(
            KafkaShareConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record) {
        if (!acknowledge(consumer, record, AcknowledgeType.RENEW)) {
            return Optional.empty();
        }
        try {
            for (ConsumerRecord<byte[], byte[]> renewed : consumer.poll(commitLimit)) {
                if (isSame(renewed, record)) {
                    return Optional.of(renewed);
                }
            }
        } catch (KafkaException | IllegalStateException e) {
            LOG.warnf("renewing %s failed: %s", place(record), e);
        }
        return Optional.empty();
    }

    private static boolean isSame(ConsumerRecord<?, ?> a, ConsumerRecord<?, ?> b) {
        return a.offset() == b.offset()
                && a.partition() == b.partition()
                && Objects.equals(a.topic(), b.topic());
    }

    private static String place(ConsumerRecord<?, ?> record) {
        return "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset());
    }

    /**
     * Whether the broker took the acknowledgement. A failure never ends the handler, so it is no
     * exception.
     */
    private boolean acknowledge(
            KafkaShareConsumer<byte[], byte[]> consumer,
            ConsumerRecord<byte[], byte[]> record,
            AcknowledgeType type) {
        try {
            consumer.acknowledge(record, type);
            for (Optional<KafkaException> refused : consumer.commitSync(commitLimit).values()) {
                if (refused.isPresent()) {
                    throw refused.get();
                }
            }
            return true;
        } catch (KafkaException | IllegalStateException e) {
            LOG.warnf("%s of %s failed: %s", type, place(record), e);
            return false;
        }
    }

    private void pause(Duration duration) {
        try {
            context.closing().pause(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}

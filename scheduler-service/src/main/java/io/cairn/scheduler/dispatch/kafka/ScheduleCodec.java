package io.cairn.scheduler.dispatch.kafka;

import io.cairn.events.Topics;
import io.cairn.model.Json;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.scheduler.firing.ScheduleRecord;
import io.cairn.scheduler.firing.ScheduleRecord.Answered;
import io.cairn.scheduler.firing.ScheduleRecord.Cursor;
import io.cairn.scheduler.firing.ScheduleRecord.Forgotten;
import io.cairn.scheduler.firing.ScheduleRecord.Known;
import java.io.IOException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What is remembered, as records of the compacted topic {@code cairn.schedule}. The key says what
 * the value is:
 *
 * <pre>
 * cursor                              {"considered": "2026-11-22T02:00:00.512Z"}
 * known/cluster/&lt;cluster&gt;             {"schedule": "cluster/shop", "since": "…"}
 * known/maintenance/&lt;kind&gt;
 * request/&lt;cluster&gt;/&lt;idempotency key&gt;   {"cluster": "shop", "idempotencyKey": "…", "run": "…", "at": "…"}
 * </pre>
 *
 * A record without a value forgets the key.
 */
final class ScheduleCodec {

    /**
     * All in one partition, so that the order in which things were remembered is kept whatever the
     * topic becomes.
     */
    static final int PARTITION = 0;

    private ScheduleCodec() {}

    static ProducerRecord<String, byte[]> encode(ScheduleRecord scheduleRecord) {
        return switch (scheduleRecord) {
            case Forgotten forgotten ->
                    new ProducerRecord<>(Topics.SCHEDULE, PARTITION, forgotten.key(), null);
            case Cursor _, Known _, Answered _ ->
                    new ProducerRecord<>(
                            Topics.SCHEDULE,
                            PARTITION,
                            scheduleRecord.key(),
                            Json.write(scheduleRecord));
        };
    }

    /**
     * @throws CairnException {@link ErrorCode#EVENT_UNREADABLE}: what was remembered must not be
     *     guessed at
     */
    static ScheduleRecord decode(ConsumerRecord<String, byte[]> stored) {
        if (stored.value() == null) {
            return new Forgotten(stored.key());
        }
        try {
            return Json.read(stored.value(), type(stored));
        } catch (IOException | RuntimeException e) {
            throw unreadable(stored, e);
        }
    }

    private static Class<? extends ScheduleRecord> type(ConsumerRecord<String, byte[]> stored)
            throws IOException {
        String key = stored.key() == null ? "" : stored.key();
        if (key.equals(Cursor.KEY)) {
            return Cursor.class;
        } else if (key.startsWith(Known.PREFIX)) {
            return Known.class;
        } else if (key.startsWith(Answered.PREFIX)) {
            return Answered.class;
        }
        throw new IOException("unknown key '" + key + "'");
    }

    private static CairnException unreadable(
            ConsumerRecord<String, byte[]> stored, Exception cause) {
        return new CairnException(
                ErrorCode.EVENT_UNREADABLE,
                "cannot read what the scheduler remembers: record %s-%d@%d with key '%s'"
                        .formatted(
                                stored.topic(), stored.partition(), stored.offset(), stored.key()),
                "another program wrote to this topic, or a newer Cairn did; let only the scheduler write to it",
                cause);
    }
}

package io.cairn.scheduler.firing;

import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import java.time.Instant;

/**
 * One thing the scheduler remembers, stored as a record of the compacted topic {@code
 * cairn.schedule}: the latest with the same {@link #key()} counts.
 */
public sealed interface ScheduleRecord {

    String key();

    /**
     * Every due time up to here was considered. It never runs backwards, whatever the clock does.
     */
    record Cursor(Instant considered) implements ScheduleRecord {

        public static final String KEY = "cursor";

        @Override
        public String key() {
            return KEY;
        }
    }

    /**
     * A cluster or a kind of maintenance was first seen at this time: what was due before does not
     * concern it.
     *
     * @param schedule {@code cluster/shop}, {@code maintenance/validation}
     */
    record Known(String schedule, Instant since) implements ScheduleRecord {

        public static final String PREFIX = "known/";

        @Override
        public String key() {
            return PREFIX + schedule;
        }
    }

    /**
     * A request was turned into this run; another request with the same idempotency key is the same
     * request.
     */
    record Answered(ClusterName cluster, String idempotencyKey, RunId run, Instant at)
            implements ScheduleRecord {

        public static final String PREFIX = "request/";

        @Override
        public String key() {
            return key(cluster, idempotencyKey);
        }

        static String key(ClusterName cluster, String idempotencyKey) {
            return PREFIX + cluster + "/" + idempotencyKey;
        }
    }

    /** Nothing is remembered under this key any longer: a tombstone. */
    record Forgotten(String key) implements ScheduleRecord {}
}

package io.cairn.bench.month;

import java.util.Arrays;
import java.util.Random;

/** What may happen in a step. */
enum Event {
    FULL(4),
    INCREMENTAL(8),
    /** An executor that reads stale answers takes the newest backup once more. */
    RERUN(1),
    COPY(8),
    /** A region begins to refuse writes in the middle of copying. */
    COPY_CUT_OFF(1),
    VALIDATION(4),
    LOCK(4),
    HOLD(1),
    CLEAN_UP(4),
    /** A region begins to refuse deletes in the middle of a clean-up. */
    CLEAN_UP_CUT_OFF(1),
    /** A clean-up where the clock is a month ahead. */
    WRONG_CLOCK(1),
    POLICY(1),
    ROTATION(1),
    /** Old wraps are removed, where no lock keeps them. */
    RETIREMENT(1),
    /** Executors hold the WAL stream for a while. */
    STREAM(4),
    /** Two sites, each of which reaches another region. */
    SPLIT_VIEW(2),
    /** Somebody asks for a region's return. */
    FAILBACK(3),
    REPAIR(3),
    DAMAGE(3),
    BAD_NETWORK(3),
    OUTAGE(3),
    RECOVERY(4),

    // In scripts only.
    DAY(0),
    DAYS(0),
    WEEK(0),
    SECOND_AWAY(0),
    FIRST_AWAY(0),
    /** The region that was left answers again, and is to return at once. */
    RETURN(0),
    /** Of the newest backup, in the first region. */
    VOLUME_DAMAGED(0),
    /** Who can write to a store and has every recipient's certificate commits a backup. */
    FORGERY(0);

    private static final int WEIGHTS =
            Arrays.stream(values()).mapToInt(event -> event.weight).sum();

    /** How often, beside the others. */
    private final int weight;

    Event(int weight) {
        this.weight = weight;
    }

    static Event any(Random random) {
        int place = random.nextInt(WEIGHTS);
        for (Event event : values()) {
            place -= event.weight;
            if (place < 0) {
                return event;
            }
        }
        throw new IllegalStateException("the weights do not add up");
    }
}

package io.cairn.bench.month;

import java.util.Arrays;
import java.util.Random;

/** What may happen in a step. */
enum Event {
    FULL(4),
    INCREMENTAL(8),
    COPY(8),
    VALIDATION(4),
    LOCK(4),
    HOLD(1),
    CLEAN_UP(4),
    POLICY(1),
    ROTATION(1),
    REPAIR(3),
    DAMAGE(3),
    BAD_NETWORK(3),
    OUTAGE(3),
    RECOVERY(4);

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

package io.cairn.bench.rpo0;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What has come out so far. For one thread. */
final class Tally {

    private final Map<Victim, Integer> kills = new EnumMap<>(Victim.class);
    private int rounds;
    private int acknowledged;
    private int lost;

    void killed(Victim victim) {
        kills.merge(victim, 1, Integer::sum);
    }

    /**
     * @param confirmed commits that were acknowledged before the bucket was copied, since the copy
     *     before
     */
    void compared(int confirmed, int missing) {
        rounds++;
        acknowledged += confirmed;
        lost += missing;
    }

    int rounds() {
        return rounds;
    }

    int lost() {
        return lost;
    }

    String kills() {
        return kills.entrySet().stream()
                .map(entry -> entry.getKey() + " killed " + entry.getValue() + " times")
                .collect(Collectors.joining(", "));
    }

    /** For machines. */
    String result() {
        return "RESULT rpo0_rounds=%d rpo0_lost=%d rpo0_acked=%d"
                .formatted(rounds, lost, acknowledged);
    }
}

package io.cairn.bench.month;

import io.cairn.events.RegionEvent;
import io.cairn.events.region.RegionFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * {@code cairn.regions} in this process: one partition, so that everybody gets the same records in
 * the same order. As a broker may do it, a producer's record is stored twice now and then, and a
 * reader gets them late, some once more, or all that compaction has left.
 */
final class RegionTopic {

    private final Random random;
    private final List<RegionEvent> records = new ArrayList<>();

    RegionTopic(Random random) {
        this.random = random;
    }

    void publish(RegionEvent event) {
        records.add(event);
        if (random.nextInt(8) == 0) {
            records.add(event);
        }
    }

    Reader reader() {
        return new Reader();
    }

    /** One who reads it all the time. */
    final class Reader {

        private RegionFacts facts = RegionFacts.NONE;
        private int next;

        /** What it knows by now. */
        RegionFacts facts() {
            return facts;
        }

        void poll() {
            switch (random.nextInt(8)) {
                case 0 -> {
                    // The broker has nothing for it this time.
                }
                case 1 -> {
                    facts = all(compacted(), RegionFacts.NONE);
                    next = records.size();
                }
                case 2 -> read(Math.max(0, next - random.nextInt(4)));
                default -> read(next);
            }
        }

        private void read(int from) {
            facts = all(records.subList(from, records.size()), facts);
            next = records.size();
        }
    }

    private static RegionFacts all(List<RegionEvent> events, RegionFacts before) {
        RegionFacts facts = before;
        for (RegionEvent event : events) {
            facts = facts.with(event);
        }
        return facts;
    }

    /** Of each key the last, where it lies. */
    private List<RegionEvent> compacted() {
        Map<String, RegionEvent> newest = new LinkedHashMap<>();
        for (RegionEvent event : records) {
            newest.remove(event.key());
            newest.put(event.key(), event);
        }
        return List.copyOf(newest.values());
    }
}

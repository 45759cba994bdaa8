package io.cairn.catalog.wal;

import io.cairn.catalog.fact.FactMap;
import java.util.SortedMap;
import java.util.TreeMap;

/** What some events told of stored WAL. */
public record WalFacts(
        FactMap<ArchivedWal> archived, FactMap<WalGap> gaps, FactMap<TimelineSwitch> switches) {

    public static final WalFacts NONE =
            new WalFacts(FactMap.none(), FactMap.none(), FactMap.none());

    public static WalFacts of(ArchivedWal archived) {
        return new WalFacts(FactMap.of(archived), NONE.gaps, NONE.switches);
    }

    public static WalFacts of(WalGap gap) {
        return new WalFacts(NONE.archived, FactMap.of(gap), NONE.switches);
    }

    public static WalFacts of(TimelineSwitch taken) {
        return new WalFacts(NONE.archived, NONE.gaps, FactMap.of(taken));
    }

    public WalFacts join(WalFacts other) {
        return new WalFacts(
                archived.join(other.archived),
                gaps.join(other.gaps),
                switches.join(other.switches));
    }

    /**
     * What is left of it when the stores hold only what was {@code found} in them, with that. Times
     * that only events told, of keepalives, and gaps and switches stay known.
     */
    public WalFacts replacedBy(WalFacts found) {
        SortedMap<String, ArchivedWal> left = new TreeMap<>();
        archived.byId()
                .forEach((id, known) -> {
                    ArchivedWal there = found.archived.byId().get(id);
                    if (there != null) {
                        left.put(id, known.within(there));
                    }
                });
        return new WalFacts(new FactMap<>(left), gaps, switches).join(found);
    }
}

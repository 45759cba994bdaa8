package io.cairn.catalog.wal;

import io.cairn.catalog.fact.FactMap;

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
}

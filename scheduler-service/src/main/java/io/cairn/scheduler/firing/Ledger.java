package io.cairn.scheduler.firing;

import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.scheduler.firing.ScheduleRecord.Answered;
import io.cairn.scheduler.firing.ScheduleRecord.Cursor;
import io.cairn.scheduler.firing.ScheduleRecord.Forgotten;
import io.cairn.scheduler.firing.ScheduleRecord.Known;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the scheduler remembers: the fold of its {@link ScheduleRecord}s, the same whether they were
 * just committed or are read back at the start. Owned by one thread.
 */
public final class Ledger {

    private @Nullable Instant considered;
    private final Map<String, Instant> since = new HashMap<>();
    private final Map<String, Answered> answered = new LinkedHashMap<>();

    public void apply(ScheduleRecord scheduleRecord) {
        switch (scheduleRecord) {
            case Cursor cursor -> considered = cursor.considered();
            case Known known -> since.put(known.schedule(), known.since());
            case Answered request -> answered.put(request.key(), request);
            case Forgotten forgotten -> answered.remove(forgotten.key());
        }
    }

    /** Up to when due times were considered; empty before the very first start. */
    public Optional<Instant> considered() {
        return Optional.ofNullable(considered);
    }

    /** Since when the scheduler knows this cluster or kind of maintenance. */
    public Optional<Instant> since(String schedule) {
        return Optional.ofNullable(since.get(schedule));
    }

    Optional<RunId> answer(ClusterName cluster, String idempotencyKey) {
        return Optional.ofNullable(answered.get(Answered.key(cluster, idempotencyKey)))
                .map(Answered::run);
    }

    /** Whether another request already led to this run. */
    boolean hasRun(RunId run) {
        return answered.values().stream().anyMatch(request -> request.run().equals(run));
    }

    Stream<Answered> answeredBefore(Instant time) {
        return answered.values().stream().filter(request -> request.at().isBefore(time));
    }

    public int requestsRemembered() {
        return answered.size();
    }
}

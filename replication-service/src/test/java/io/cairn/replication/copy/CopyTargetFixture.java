package io.cairn.replication.copy;

import io.cairn.replication.lag.LagTracker;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.cairn.storage.ObjectStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;

/** A target without workers of its own, for the tests of who uses one. */
public final class CopyTargetFixture {

    private CopyTargetFixture() {}

    public static CopyTarget of(
            ObjectStore target,
            Stores stores,
            EventPublisher events,
            LagTracker lag,
            InstantSource clock) {
        CopyMeters meters = new CopyMeters(new SimpleMeterRegistry(), target.name());
        Patience patience = new Patience(Duration.ofMillis(20), Duration.ofMillis(20));
        ObjectCopies copies = new ObjectCopies(target, 2);
        EagerCopies eager =
                new EagerCopies(copies, stores, new Backlog(100), lag, patience, meters);
        return new CopyTarget(
                target.name(),
                stores,
                eager,
                new BackupCopier(copies, 2),
                patience,
                new CopyTarget.Telling(events, lag, meters, clock));
    }
}

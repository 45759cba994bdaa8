package io.cairn.replication.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cairn.events.BackupReplicated;
import io.cairn.events.ValidationFailed;
import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.replication.Fakes;
import io.cairn.replication.StoredBackup;
import io.cairn.replication.copy.CopyTarget;
import io.cairn.replication.copy.CopyTargetFixture;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Route;
import io.cairn.storage.FakeObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReconciliationTest {

    private static final StoredBackup OLD = StoredBackup.of("shop", "20261120T020000Z-F");
    private static final StoredBackup MIDDLE = StoredBackup.of("shop", "20261121T020000Z-F");
    private static final StoredBackup NEW = StoredBackup.of("shop", "20261122T020000Z-F");

    private Instant now = Instant.parse("2026-11-22T02:02:00Z");
    private final FakeObjectStore source = FakeObjectStore.locking("primary", () -> now);
    private final FakeObjectStore target = FakeObjectStore.locking("secondary", () -> now);
    private final Fakes.Publisher events = new Fakes.Publisher();
    private final LagTracker lag = new LagTracker();
    private final Route route = new Route(OLD.commit().cluster(), source.name(), target.name());
    private final CopyTarget copies =
            CopyTargetFixture.of(target, Fakes.stores(source, target), events, lag, () -> now);
    private final Reconciliation reconciliation =
            new Reconciliation(Fakes.stores(source, target), lag);

    @Test
    void completesWhatNoEventToldOfTheNewestFirst() throws Exception {
        OLD.putInto(source);
        MIDDLE.putInto(source).putInto(target);
        NEW.putInto(source);
        NEW.put(target, NEW.keysBeforeCommit().getFirst());

        assertThat(reconciliation.run(route, copies)).isEqualTo(2);

        assertThat(events.published())
                .extracting(event -> ((BackupReplicated) event).run())
                .containsExactly(NEW.commit().run(), OLD.commit().run());
        assertThat(target.keys()).isEqualTo(source.keys());
        assertThat(lag.missing(route.copy())).isEmpty();
    }

    @Test
    void findsNothingTheSecondTime() throws Exception {
        OLD.putInto(source);
        reconciliation.run(route, copies);

        assertThat(reconciliation.run(route, copies)).isZero();
        assertThat(events.published()).hasSize(1);
    }

    @Test
    void copiesNothingBackIntoTheSource() throws Exception {
        OLD.putInto(target);

        assertThat(reconciliation.run(route, copies)).isZero();
        assertThat(source.keys()).isEmpty();
    }

    @Test
    void measuresTheLagFromTheOldestCommitThatIsMissingWhileABackupIsRefused() throws Exception {
        OLD.putInto(source);
        source.damage(OLD.keysBeforeCommit().getFirst(), bytes -> new byte[bytes.length]);
        now = now.plus(Duration.ofMinutes(10));
        NEW.putInto(source);

        reconciliation.run(route, copies);

        assertThat(events.published())
                .satisfiesExactlyInAnyOrder(
                        event -> assertThat(event).isInstanceOf(BackupReplicated.class),
                        event -> assertThat(event).isInstanceOf(ValidationFailed.class));
        assertThat(lag.missing(route.copy())).containsExactly(OLD.commitKey());
        assertThat(lag.lag(route.copy(), now)).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void forgetsABackupThatWasRefusedOnceItIsGoneOrCopiedElsewhere() throws Exception {
        for (StoredBackup refused : List.of(OLD, NEW)) {
            refused.putInto(source);
            ObjectKey part = refused.keysBeforeCommit().getFirst();
            source.damage(part, bytes -> new byte[bytes.length]);
        }
        reconciliation.run(route, copies);
        assertThat(lag.missing(route.copy())).hasSize(2);

        source.delete(OLD.commitKey());
        NEW.putInto(target);
        reconciliation.run(route, copies);

        assertThat(lag.missing(route.copy())).isEmpty();
    }

    @Test
    void saysWhenAStoreCannotBeListed() {
        OLD.putInto(source);
        source.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> reconciliation.run(route, copies))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE));
    }
}

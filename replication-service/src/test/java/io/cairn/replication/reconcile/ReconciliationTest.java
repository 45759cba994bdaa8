package io.cairn.replication.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cairn.events.BackupReplicated;
import io.cairn.events.ValidationFailed;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Tombstone;
import io.cairn.replication.Fakes;
import io.cairn.replication.StoredBackup;
import io.cairn.replication.copy.CopyTarget;
import io.cairn.replication.copy.CopyTargetFixture;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.Route;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
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

    private int run() throws InterruptedException {
        Reconciliation.Result result = reconciliation.run(List.of(route), copies);
        for (CairnException problem : result.problems().values()) {
            throw problem;
        }
        return result.found();
    }

    @Test
    void completesWhatNoEventToldOfTheNewestFirst() throws Exception {
        OLD.putInto(source);
        MIDDLE.putInto(source).putInto(target);
        NEW.putInto(source);
        NEW.put(target, NEW.keysBeforeCommit().getFirst());

        assertThat(run()).isEqualTo(2);

        assertThat(events.published())
                .extracting(event -> ((BackupReplicated) event).run())
                .containsExactly(NEW.commit().run(), OLD.commit().run());
        assertThat(target.keys()).isEqualTo(source.keys());
        assertThat(lag.missing(route.copy())).isEmpty();
    }

    @Test
    void findsNothingTheSecondTime() throws Exception {
        OLD.putInto(source);
        run();

        assertThat(run()).isZero();
        assertThat(events.published()).hasSize(1);
    }

    @Test
    void copiesNothingBackIntoTheSource() throws Exception {
        OLD.putInto(target);

        assertThat(run()).isZero();
        assertThat(source.keys()).isEmpty();
    }

    @Test
    void measuresTheLagFromTheOldestCommitThatIsMissingWhileABackupIsRefused() throws Exception {
        OLD.putInto(source);
        source.damage(OLD.keysBeforeCommit().getFirst(), bytes -> new byte[bytes.length]);
        now = now.plus(Duration.ofMinutes(10));
        NEW.putInto(source);

        run();

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
        run();
        assertThat(lag.missing(route.copy())).hasSize(2);

        source.delete(OLD.commitKey());
        NEW.putInto(target);
        run();

        assertThat(lag.missing(route.copy())).isEmpty();
    }

    @Test
    void saysWhenAStoreCannotBeListed() {
        OLD.putInto(source);
        source.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> run())
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE));
    }

    @Test
    void theNewestBackupComesFirstAfterThoseThatItBuildsOn() throws Exception {
        StoredBackup first = MIDDLE.child("20261121T120000Z-I");
        StoredBackup second = first.child("20261121T130000Z-I");
        for (StoredBackup backup : List.of(OLD, MIDDLE, first, second)) {
            backup.putInto(source);
        }

        run();

        assertThat(events.published())
                .extracting(event -> ((BackupReplicated) event).run())
                .containsExactly(
                        MIDDLE.commit().run(),
                        first.commit().run(),
                        second.commit().run(),
                        OLD.commit().run());
    }

    @Test
    void whatIsStoredMeanwhileComesBeforeWhatIsOlder() throws Exception {
        OLD.putInto(source);
        MIDDLE.putInto(source);
        events.whenPublished(() -> NEW.putInto(source));

        assertThat(run()).isEqualTo(3);

        assertThat(events.published())
                .extracting(event -> ((BackupReplicated) event).run())
                .containsExactly(MIDDLE.commit().run(), NEW.commit().run(), OLD.commit().run());
    }

    @Test
    void aTargetThatIsAwayFromTheStartIsBehindByWhatIsNotRecordedToBeThereAndMoreAndMore() {
        OLD.putInto(source);
        now = now.plus(Duration.ofMinutes(1));
        OLD.putReplicated(source, source.name(), target.name());
        now = now.plus(Duration.ofHours(1));
        MIDDLE.putInto(source);
        now = now.plus(Duration.ofMinutes(30));
        NEW.putInto(source);
        target.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatExceptionOfType(CairnException.class).isThrownBy(this::run);
        reconciliation.measure(route, now);

        assertThat(lag.lag(route.copy(), now)).isEqualTo(Duration.ofMinutes(30));
        assertThat(lag.lag(route.copy(), now.plusSeconds(60))).isEqualTo(Duration.ofMinutes(31));
    }

    @Test
    void theLagThatWasMeasuredIsForgottenOnceTheTargetIsFoundWhole() throws Exception {
        OLD.putInto(source).putInto(target);
        reconciliation.measure(route, now);
        assertThat(lag.missing(route.copy())).isNotEmpty();

        run();

        assertThat(lag.missing(route.copy())).isEmpty();
    }

    @Test
    void recordsFlowToTheOtherStoreAndNothingIsOverwrittenThere() {
        OLD.putInto(source);
        OLD.putReplicated(source, source.name(), target.name());
        ObjectKey kept = OLD.commit().layout().root().record("holds", "x", "y");
        source.putIfAbsent(kept, ObjectBody.of(new byte[] {1}));
        target.putIfAbsent(kept, ObjectBody.of(new byte[] {2}));

        reconciliation.copyRecords(route);

        assertThat(target.keys())
                .hasSize(2)
                .allSatisfy(key -> assertThat(key.value()).contains("/records/"));
        assertThat(target.read(kept, 1)).isEqualTo(new byte[] {2});
    }

    @Test
    void twoAttemptsThatNoEventToldOfAreMerged() throws Exception {
        StoredBackup again = OLD.again(1);
        again.putInto(source);
        OLD.putInto(target);

        run();

        assertThat(source.keys()).isEqualTo(target.keys()).contains(again.secondKey());
        assertThat(run()).isZero();
    }

    @Test
    void aBackupThatHasExpiredIsNotCopied() throws Exception {
        OLD.putInto(source);
        Tombstone tombstone =
                new Tombstone(OLD.commit().label(), now, "test", Sha256.of(new byte[] {1}));
        target.putIfAbsent(
                tombstone.key(OLD.commit().layout().root()), ObjectBody.of(tombstone.toJson()));

        assertThat(run()).isZero();

        assertThat(target.keys()).hasSize(1);
        assertThat(lag.missing(route.copy())).isEmpty();
    }
}

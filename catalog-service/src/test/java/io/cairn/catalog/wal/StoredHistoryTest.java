package io.cairn.catalog.wal;

import static io.cairn.catalog.Histories.PRIMARY;
import static io.cairn.catalog.Histories.SECONDARY;
import static io.cairn.catalog.Histories.SYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.WalGapCause;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.wal.RecoverableWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoredHistoryTest {

    private static final ClusterName SHOP = new ClusterName("shop");
    private static final Timeline FIRST = new Timeline(1);
    private static final Timeline SECOND = new Timeline(2);
    private static final Instant NIGHT = Instant.parse("2026-11-22T02:00:00Z");
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    @Test
    void withoutWalTheNewestBackupIsTheOnlyMoment() {
        RecoverableWindow window = only(windows(List.of(), List.of(), List.of(), old(), young()));

        assertThat(window.streamed()).isFalse();
        assertThat(window.earliest()).isEqualTo(window.latest());
        assertThat(window.latest()).isEqualTo(point(FIRST, "0/6000100", NIGHT.plusSeconds(3660)));
    }

    @Test
    void theWindowBeginsAtTheOldestBackupFromWhichWalLeadsOn() {
        RecoverableWindow window =
                only(
                        windows(
                                List.of(wal(FIRST, range("0/2000000", "0/9000000", NOON))),
                                List.of(),
                                List.of(),
                                old(),
                                young()));

        assertThat(window.streamed()).isTrue();
        assertThat(window.earliest()).isEqualTo(point(FIRST, "0/3000100", NIGHT.plusSeconds(60)));
        assertThat(window.latest()).isEqualTo(point(FIRST, "0/9000000", NOON));
    }

    @Test
    void aGapEndsTheWindowOfWhatIsBeforeIt() {
        ArchivedWal holed =
                wal(
                        FIRST,
                        range("0/2000000", "0/4800000", NIGHT.plusSeconds(600)),
                        range("0/5000000", "0/9000000", NOON));

        RecoverableWindow behind =
                only(windows(List.of(holed), List.of(), List.of(), old(), young()));
        assertThat(behind.earliest().lsn()).isEqualTo(Lsn.parse("0/6000100"));
        assertThat(behind.latest().time()).isEqualTo(NOON);

        RecoverableWindow before = only(windows(List.of(holed), List.of(), List.of(), old()));
        assertThat(before.latest())
                .as("without a backup behind the gap, nothing behind it can be recovered")
                .isEqualTo(point(FIRST, "0/4800000", NIGHT.plusSeconds(600)));
    }

    @Test
    void aBackupThatCarriesItsWalNeedsOnlyWhatFollows() {
        RecoverableWindow window =
                only(
                        windows(
                                List.of(wal(FIRST, range("0/4000000", "0/9000000", NOON))),
                                List.of(),
                                List.of(),
                                old()));

        assertThat(window.latest().time()).isEqualTo(NOON);
    }

    @Test
    void aPromotionIsFollowed() {
        List<ArchivedWal> wal =
                List.of(
                        wal(FIRST, range("0/2000000", "0/7000000", NIGHT.plusSeconds(5000))),
                        wal(SECOND, range("0/7000000", "0/9000000", NOON)));

        RecoverableWindow window =
                only(windows(wal, List.of(), List.of(switched("0/7000800")), old()));
        assertThat(window.latest()).isEqualTo(point(SECOND, "0/9000000", NOON));
        assertThat(window.earliest().timeline()).isEqualTo(FIRST);

        assertThat(only(windows(wal, List.of(), List.of(), old())).latest())
                .as("of a fork that nobody told of nothing is presumed")
                .isEqualTo(point(FIRST, "0/7000000", NIGHT.plusSeconds(5000)));
    }

    @Test
    void aPromotionWhoseWalDoesNotJoinIsNotFollowed() {
        List<ArchivedWal> wal =
                List.of(
                        wal(FIRST, range("0/2000000", "0/5000000", NIGHT.plusSeconds(5000))),
                        wal(SECOND, range("0/7000000", "0/9000000", NOON)));

        assertThat(
                        only(windows(wal, List.of(), List.of(switched("0/7000800")), old()))
                                .latest()
                                .timeline())
                .isEqualTo(FIRST);
    }

    @Test
    void aBackupTakenBehindAForkIsNotReachedFromTheOldTimeline() {
        RecoveryBase late = base(PRIMARY, "20261122T050000Z-F", "0/7000000", "0/8000100", 10_000);

        RecoverableWindow window =
                only(
                        windows(
                                List.of(
                                        wal(FIRST, range("0/2000000", "0/8000200", NIGHT)),
                                        wal(SECOND, range("0/7000000", "0/9000000", NOON))),
                                List.of(),
                                List.of(switched("0/7000800")),
                                late));

        assertThat(window.latest().timeline()).isEqualTo(FIRST);
    }

    @Test
    void whatIsBegunAfterADivergenceCountsOnlyItself() {
        RecoverableWindow window =
                only(
                        windows(
                                List.of(
                                        wal(
                                                FIRST,
                                                range(
                                                        "0/2000000",
                                                        "0/9000000",
                                                        NIGHT.plusSeconds(99)))),
                                List.of(diverged()),
                                List.of(),
                                old(),
                                young()));

        assertThat(window.streamed()).isFalse();
        assertThat(window.latest().lsn()).isEqualTo(young().stopLsn());
    }

    @Test
    void anIncrementalWithoutItsParentInTheStoreIsNoBeginning() {
        RecoveryBase child =
                new RecoveryBase(
                        PRIMARY,
                        SYSTEM,
                        new BackupLabel("20261122T030000Z-I"),
                        Optional.of(new BackupLabel("20261122T020000Z-F")),
                        FIRST,
                        Lsn.parse("0/5000000"),
                        Lsn.parse("0/5000100"),
                        NIGHT,
                        NIGHT.plusSeconds(4000),
                        Optional.empty());

        assertThat(windows(List.of(), List.of(), List.of(), child)).isEmpty();
        assertThat(only(windows(List.of(), List.of(), List.of(), child, old())).latest().lsn())
                .isEqualTo(child.stopLsn());
    }

    @Test
    void eachStoreHasAWindowOfItsOwnAndTheDrillThatProvesIt() {
        RecoverableWindow.Proof proof =
                new RecoverableWindow.Proof(old().label(), NOON, Duration.ofSeconds(95));
        RecoveryBase drilled =
                new RecoveryBase(
                        SECONDARY,
                        SYSTEM,
                        old().label(),
                        Optional.empty(),
                        FIRST,
                        old().walFrom(),
                        old().stopLsn(),
                        old().startedAt(),
                        old().completedAt(),
                        Optional.of(proof));

        List<RecoverableWindow> windows =
                windows(
                        List.of(wal(FIRST, range("0/2000000", "0/9000000", NOON))),
                        List.of(),
                        List.of(),
                        old(),
                        drilled);

        assertThat(windows)
                .extracting(RecoverableWindow::store)
                .containsExactly(PRIMARY, SECONDARY);
        assertThat(windows).extracting(RecoverableWindow::streamed).containsExactly(true, false);
        assertThat(windows.getFirst().provenBy()).isEmpty();
        assertThat(windows.getLast().provenBy()).contains(proof);
    }

    @Test
    void thePromotionAndTheWalThatWasCopiedLeadOnInTheOtherStoreToo() {
        List<ArchivedWal> wal =
                List.of(
                        wal(FIRST, range("0/2000000", "0/7000000", NIGHT.plusSeconds(5000))),
                        wal(SECOND, range("0/7000000", "0/9000000", NOON)),
                        copied(FIRST, range("0/2000000", "0/7000000", NIGHT.plusSeconds(5000))),
                        copied(SECOND, range("0/7000000", "0/8000000", NIGHT.plusSeconds(9000))));

        List<RecoverableWindow> windows =
                windows(wal, List.of(), List.of(switched("0/7000800")), old(), inSecondary());

        assertThat(windows)
                .extracting(RecoverableWindow::latest)
                .containsExactly(
                        point(SECOND, "0/9000000", NOON),
                        point(SECOND, "0/8000000", NIGHT.plusSeconds(9000)));
    }

    @Test
    void aDivergenceEndsTheWindowOfACopyToo() {
        RecoveryBase late = base(SECONDARY, "20261122T030000Z-F", "0/7000000", "0/6000100", 3660);

        RecoverableWindow window =
                only(
                        windows(
                                List.of(copied(FIRST, range("0/2000000", "0/9000000", NOON))),
                                List.of(diverged()),
                                List.of(),
                                late));

        assertThat(window.streamed()).isFalse();
    }

    private static WalGap diverged() {
        return new WalGap(
                SHOP,
                SYSTEM,
                PRIMARY,
                FIRST,
                WalGapCause.DIVERGED,
                Lsn.parse("0/5000000"),
                Optional.empty(),
                Optional.of("0123456789abcdef0123456789abcdef"),
                "other bytes",
                NIGHT.plusSeconds(1800));
    }

    private static RecoveryBase inSecondary() {
        return base(SECONDARY, "20261122T020000Z-F", "0/4000000", "0/3000100", 60);
    }

    private static ArchivedWal copied(Timeline timeline, ArchivedRange... ranges) {
        return new ArchivedWal(
                SHOP, SYSTEM, SECONDARY, timeline, Optional.empty(), List.of(ranges), NOON);
    }

    private static RecoverableWindow only(List<RecoverableWindow> windows) {
        assertThat(windows).hasSize(1);
        return windows.getFirst();
    }

    private static List<RecoverableWindow> windows(
            List<ArchivedWal> wal,
            List<WalGap> gaps,
            List<TimelineSwitch> switches,
            RecoveryBase... bases) {
        return new StoredHistory(wal, gaps, switches).windows(List.of(bases));
    }

    private static RecoveryBase old() {
        return base(PRIMARY, "20261122T020000Z-F", "0/4000000", "0/3000100", 60);
    }

    private static RecoveryBase young() {
        return base(PRIMARY, "20261122T030000Z-F", "0/7000000", "0/6000100", 3660);
    }

    private static RecoveryBase base(
            StoreName store, String label, String walFrom, String stop, long seconds) {
        Instant completed = NIGHT.plus(Duration.ofSeconds(seconds));
        return new RecoveryBase(
                store,
                SYSTEM,
                new BackupLabel(label),
                Optional.empty(),
                FIRST,
                Lsn.parse(walFrom),
                Lsn.parse(stop),
                completed.minusSeconds(30),
                completed,
                Optional.empty());
    }

    private static ArchivedWal wal(Timeline timeline, ArchivedRange... ranges) {
        return new ArchivedWal(
                SHOP, SYSTEM, PRIMARY, timeline, Optional.empty(), List.of(ranges), NOON);
    }

    private static ArchivedRange range(String start, String end, Instant until) {
        return new ArchivedRange(Lsn.parse(start), Lsn.parse(end), Optional.of(until));
    }

    private static TimelineSwitch switched(String at) {
        return new TimelineSwitch(SHOP, SYSTEM, PRIMARY, FIRST, SECOND, Lsn.parse(at), NOON);
    }

    private static RecoverableWindow.Point point(Timeline timeline, String lsn, Instant time) {
        return new RecoverableWindow.Point(timeline, Lsn.parse(lsn), time);
    }
}

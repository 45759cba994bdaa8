package io.cairn.model.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.ExpiredWal.Kept;
import io.cairn.model.record.ExpiredWal.Wanted;
import io.cairn.model.wal.LsnRange;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordsTest {

    private static final ClusterRoot ROOT =
            new ClusterRoot(new ClusterName("shop"), SystemIdentifier.parse("7300000000000000001"));
    private static final BackupLabel LABEL = new BackupLabel("20261122T020000Z-F");
    private static final Instant AT = Instant.parse("2027-03-07T08:00:00Z");
    private static final Sha256 PLAN = Sha256.of("plan".getBytes(UTF_8));
    private static final String ID = "0123456789abcdef0123456789abcdef";
    private static final LegalHold HOLD = new LegalHold(ID, LABEL, "audit 2026", "kim", AT);
    private static final LegalHold.Release RELEASE =
            new LegalHold.Release(ID, LABEL, "closed", "kim", AT);

    @Test
    void aTombstoneLiesUnderItsLabelAndIsReadBack() {
        Tombstone tombstone = new Tombstone(LABEL, AT, "older than 90 days", PLAN);

        assertThat(tombstone.key(ROOT))
                .hasToString("shop/7300000000000000001/records/tombstones/20261122T020000Z-F.json");
        assertThat(Tombstone.label(ROOT, tombstone.key(ROOT))).contains(LABEL);
        assertThat(Tombstone.fromJson(tombstone.toJson(), "it")).isEqualTo(tombstone);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shop/7300000000000000001/records/tombstones/20261122T020000Z-F",
                "shop/7300000000000000001/records/tombstones/notes.json",
                "shop/7300000000000000001/records/copies/20261122T020000Z-F.json",
                "else/7300000000000000001/records/tombstones/20261122T020000Z-F.json"
            })
    void anotherObjectIsNoTombstone(String key) {
        assertThat(Tombstone.label(ROOT, new ObjectKey(key))).isEmpty();
    }

    @Test
    void whatIsNoTombstoneIsRefused() {
        assertThatThrownBy(() -> Tombstone.fromJson("{}".getBytes(UTF_8), "it"))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_INVALID));
    }

    @Test
    void aLeaseLiesUnderItsTimeAndReaderAndIsReadBack() {
        ReadLease lease =
                new ReadLease(
                        new AttemptId("0123456789abcdef"),
                        AT.plusMillis(7),
                        ReadLease.Purpose.DRILL,
                        "kim@desk",
                        List.of(LABEL),
                        Optional.of(Lsn.parse("0/4000028")));

        assertThat(lease.key(ROOT))
                .hasToString(
                        "shop/7300000000000000001/records/leases/20270307T080000Z-0123456789abcdef.json");
        assertThat(lease.key(ROOT).value()).startsWith(ReadLease.prefix(ROOT));
        assertThat(ReadLease.fromJson(lease.toJson(), "it")).isEqualTo(lease);
        assertThat(new String(lease.toJson(), UTF_8)).contains("\"drill\"", "\"0/4000028\"");
        ReadLease later = lease.renewed(AT.plusSeconds(60));
        assertThat(later.id()).isEqualTo(lease.id());
        assertThat(later.key(ROOT)).isGreaterThan(lease.key(ROOT));
    }

    @Test
    void expiredWalSaysWhatIsStillWanted() {
        ExpiredWal record =
                new ExpiredWal(
                        AT,
                        PLAN,
                        List.of(
                                kept(2, wanted("0/4000000", null)),
                                kept(
                                        1,
                                        wanted("0/1000000", "0/2000000"),
                                        wanted("0/3000000", "0/3500000")),
                                kept(3)));

        assertThat(record.key(ROOT))
                .hasToString("shop/7300000000000000001/records/expired-wal/20270307T080000Z.json");
        assertThat(ExpiredWal.fromJson(record.toJson(), "it")).isEqualTo(record);
        assertThat(wants(record, 1, "0/0", "0/1000000")).isFalse();
        assertThat(wants(record, 1, "0/0", "0/1000001")).isTrue();
        assertThat(wants(record, 1, "0/2000000", "0/3000000")).isFalse();
        assertThat(wants(record, 1, "0/34FFFFF", "0/4000000")).isTrue();
        assertThat(wants(record, 1, "0/3500000", "0/4000000")).isFalse();
        assertThat(wants(record, 2, "0/3000000", "0/4000000")).isFalse();
        assertThat(wants(record, 2, "FF/0", "FF/1000000")).isTrue();
        assertThat(wants(record, 3, "0/0", "FF/0")).isFalse();
    }

    @Test
    void ofATimelineThatBeganLaterAllWalIsWanted() {
        ExpiredWal record = new ExpiredWal(AT, PLAN, List.of(kept(1)));

        assertThat(wants(record, 2, "0/0", "0/1")).isTrue();
    }

    @Test
    void theNewestRecordOfExpiredWalCounts() {
        ObjectKey old = new ExpiredWal(AT.minusSeconds(1), PLAN, List.of()).key(ROOT);
        ObjectKey newest = new ExpiredWal(AT.plusMillis(900), PLAN, List.of()).key(ROOT);
        ObjectKey other = new ObjectKey(ExpiredWal.prefix(ROOT) + "zzz.json");

        assertThat(ExpiredWal.newest(ROOT, List.of(newest, other, old))).contains(newest);
        assertThat(ExpiredWal.newest(ROOT, List.of(other))).isEmpty();
    }

    @Test
    void aHoldStandsUntilItsReleaseLiesBesideIt() {
        LegalHold second =
                new LegalHold("f".repeat(32), LABEL, "case 12", "lee", AT.plusSeconds(1));

        assertThat(HOLD.key(ROOT))
                .hasToString(
                        "shop/7300000000000000001/records/holds/20261122T020000Z-F/"
                                + ID
                                + ".json");
        assertThat(LegalHold.placed(ROOT, List.of(HOLD.key(ROOT), second.key(ROOT))))
                .extracting(LegalHold.Placed::id)
                .containsExactly(ID, second.id());
        assertThat(
                        LegalHold.placed(
                                ROOT, List.of(HOLD.key(ROOT), RELEASE.key(ROOT), second.key(ROOT))))
                .containsExactly(new LegalHold.Placed(LABEL, second.id(), second.key(ROOT)));
    }

    @Test
    void holdsAndReleasesAreReadBack() {
        assertThat(LegalHold.fromJson(HOLD.toJson(), "it")).isEqualTo(HOLD);
        assertThat(LegalHold.Release.fromJson(RELEASE.toJson(), "it")).isEqualTo(RELEASE);
        assertThatThrownBy(() -> new LegalHold("x", LABEL, "why", "kim", AT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Kept kept(int timeline, Wanted... wanted) {
        return new Kept(new Timeline(timeline), List.of(wanted));
    }

    private static Wanted wanted(String from, @Nullable String to) {
        return new Wanted(Lsn.parse(from), Optional.ofNullable(to).map(Lsn::parse));
    }

    private static boolean wants(ExpiredWal record, int timeline, String start, String end) {
        return record.wants(new Timeline(timeline), new LsnRange(Lsn.parse(start), Lsn.parse(end)));
    }
}

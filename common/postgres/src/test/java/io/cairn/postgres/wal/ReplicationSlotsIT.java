package io.cairn.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.TestSource;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.wal.ReplicationSlot.WalStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ReplicationSlotsIT {

    private static final String NAME = "cairn_shop_eu";

    @TempDir Path directory;

    private static void assertCode(ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).as(e.messageWithHint()).isEqualTo(code);
                            assertThat(e.hint()).isPresent();
                        });
    }

    private static Lsn flushed(TestSource source) {
        return Lsn.parse(source.ask("SELECT pg_current_wal_flush_lsn()"));
    }

    @Test
    void theNamesAreThoseOfThePolicy() {
        assertThat(SlotNames.of(new ClusterName("shop-eu")))
                .isEqualTo(new SlotNames(NAME, NAME + "_retained"));
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 16, 17, 18})
    void aSlotIsMadeOnceHoldsWalAndOnlyGoesForward(int major) {
        try (TestSource source = TestSource.start(major, directory);
                ServerConnection session = source.connect("slots")) {
            ReplicationSlots slots = new ReplicationSlots(session);
            assertThat(slots.find(NAME)).isEmpty();

            ReplicationSlot made = slots.ensure(NAME);
            assertThat(made.walStatus()).hasValue(WalStatus.RESERVED);
            assertThat(made.timeline()).hasValue(new Timeline(1));
            assertThat(made.active()).isFalse();
            assertThat(made.lost()).isFalse();
            assertThat(slots.ensure(NAME)).isEqualTo(made);

            source.execute("CREATE TABLE more AS SELECT 1");
            Lsn later = flushed(source);
            Lsn before = made.restartLsn().orElseThrow();
            assertThat(later).isGreaterThan(before);
            assertThat(slots.advance(NAME, later)).isEqualTo(later);
            assertThat(slots.advance(NAME, before)).isEqualTo(later);
            assertThat(slots.find(NAME).orElseThrow().restartLsn()).hasValue(later);
            assertThat(slots.advance(NAME, later.plus(1L << 40))).isLessThan(later.plus(1L << 40));

            slots.drop(NAME);
            slots.drop(NAME);
            assertThat(slots.find(NAME)).isEmpty();
            assertCode(() -> slots.advance(NAME, later), ErrorCode.POSTGRES_WAL_REMOVED);
        }
    }

    @Test
    void manyWhoMakeTheSameSlotAtTheSameTimeAllHaveIt() {
        try (TestSource source = TestSource.start(18, directory)) {
            for (int round = 0; round < 5; round++) {
                String name = NAME + round;
                List<CompletableFuture<Boolean>> made = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    made.add(CompletableFuture.supplyAsync(() -> ensured(source, name)));
                }
                assertThat(made.stream().map(CompletableFuture::join).toList()).contains(true);
                assertThat(ensured(source, name)).isTrue();
            }
        }
    }

    /** False where another was just making it, which passes. */
    private static boolean ensured(TestSource source, String name) {
        try (ServerConnection session = source.connect("racing")) {
            return new ReplicationSlots(session).ensure(name).restartLsn().isPresent();
        } catch (CairnException e) {
            assertThat(e.code()).as(e.messageWithHint()).isEqualTo(ErrorCode.POSTGRES_SLOT_ACTIVE);
            return false;
        }
    }

    @Test
    void aSlotThatHoldsNothingIsMadeAnewAndALogicalOneIsLeftAlone() {
        try (TestSource source =
                        TestSource.start(
                                18, directory, builder -> builder.setting("wal_level", "logical"));
                ServerConnection session = source.connect("slots")) {
            source.execute(
                    "SELECT pg_create_physical_replication_slot('" + NAME + "')",
                    "SELECT pg_create_logical_replication_slot('logical', 'pgoutput')");
            ReplicationSlots slots = new ReplicationSlots(session);
            assertThat(slots.find(NAME).orElseThrow().restartLsn()).isEmpty();
            assertThat(slots.ensure(NAME).restartLsn()).isPresent();
            assertCode(() -> slots.ensure("logical"), ErrorCode.CONFIG_INVALID);
            assertThat(source.ask("SELECT count(*) FROM pg_replication_slots")).isEqualTo("2");
        }
    }

    @Test
    void whatForbidsASlotIsSaidWithItsRemedy() {
        try (TestSource source =
                TestSource.start(
                        18, directory, builder -> builder.setting("max_replication_slots", "1"))) {
            try (ServerConnection session = source.connect("slots")) {
                ReplicationSlots slots = new ReplicationSlots(session);
                Lsn held = slots.ensure(NAME).restartLsn().orElseThrow();
                assertCode(
                        () -> slots.ensure(NAME + "_retained"), ErrorCode.POSTGRES_SLOTS_EXHAUSTED);
                source.execute("ALTER ROLE " + TestSource.ROLE + " NOREPLICATION");
                assertCode(
                        () -> slots.advance(NAME, held.plus(1)), ErrorCode.POSTGRES_NOT_PERMITTED);
            }
            assertCode(
                    () -> new ClusterConnector(source.cluster()).connectToPrimary("refused"),
                    ErrorCode.POSTGRES_NOT_PERMITTED);
        }
    }
}

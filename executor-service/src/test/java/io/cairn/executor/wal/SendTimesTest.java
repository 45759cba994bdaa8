package io.cairn.executor.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.Lsn;
import io.cairn.postgres.wal.WalMessage.Data;
import io.cairn.postgres.wal.WalMessage.Keepalive;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SendTimesTest {

    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    private final SendTimes times = new SendTimes(new Lsn(100));

    @Test
    void claimsNothingBeforeAMessageCame() {
        assertThat(times.at(new Lsn(100))).isEmpty();
    }

    @Test
    void aPositionStandsForTheNewestMessageWithNoWalBeyondIt() {
        data(100, 200, 200, 1);
        data(200, 300, 300, 2);

        assertThat(times.at(new Lsn(150))).isEmpty();
        assertThat(times.at(new Lsn(200))).contains(NOON.plusSeconds(1));
        assertThat(times.at(new Lsn(299))).contains(NOON.plusSeconds(1));
        assertThat(times.at(new Lsn(300))).contains(NOON.plusSeconds(2));
    }

    @Test
    void aStreamThatIsBehindStandsForWhatItHasNotGotYet() {
        data(100, 200, 900, 1);

        assertThat(times.at(new Lsn(200))).isEmpty();
        assertThat(times.at(new Lsn(900))).contains(NOON.plusSeconds(1));
    }

    @Test
    void anIdleClusterMovesOn() {
        data(100, 200, 200, 1);
        times.saw(new Keepalive(new Lsn(200), NOON.plusSeconds(60), true, false));

        assertThat(times.at(new Lsn(200))).contains(NOON.plusSeconds(60));
    }

    @Test
    void aKeepaliveOfAServerThatMayHaveMoreClaimsNothing() {
        data(100, 200, 200, 1);
        times.saw(new Keepalive(new Lsn(200), NOON.plusSeconds(60), false, false));

        assertThat(times.at(new Lsn(200))).contains(NOON.plusSeconds(1));
    }

    @Test
    void whatIsForgottenIsStillStoodFor() {
        data(100, 200, 200, 1);
        data(200, 300, 300, 2);
        data(300, 400, 400, 3);

        assertThat(times.reached(new Lsn(300))).contains(NOON.plusSeconds(2));
        assertThat(times.reached(new Lsn(350))).contains(NOON.plusSeconds(2));
        assertThat(times.reached(new Lsn(400))).contains(NOON.plusSeconds(3));
    }

    @Test
    void aFullMemoryIsCoarserAndNeverTooEarly() {
        for (int i = 0; i < SendTimes.MARKS + 100; i++) {
            data(100 + i, 101 + i, 101 + i, i);
        }

        for (int i = 0; i < SendTimes.MARKS + 100; i++) {
            int second = i;
            assertThat(times.at(new Lsn(101 + i)))
                    .hasValueSatisfying(
                            at -> assertThat(at).isBeforeOrEqualTo(NOON.plusSeconds(second)));
        }
    }

    private void data(long start, long end, long serverEnd, int second) {
        times.saw(
                new Data(
                        new Lsn(start),
                        new Lsn(end),
                        new Lsn(serverEnd),
                        NOON.plusSeconds(second),
                        ByteBuffer.allocate(0)));
    }
}

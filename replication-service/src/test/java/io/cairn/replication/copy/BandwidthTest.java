package io.cairn.replication.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BandwidthTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE / 2);

    @Test
    void letsTheRatePassOverTimeWhoeverAsks() {
        Bandwidth bandwidth = new Bandwidth(1000, nanoTime::get);
        long begin = nanoTime.get();

        for (int asked = 0; asked < 100; asked++) {
            nanoTime.addAndGet(bandwidth.take(100));
        }

        assertThat(nanoTime.get() - begin).isBetween(9 * SECOND, 10 * SECOND);
    }

    @Test
    void savesNoMoreThanATenthOfASecond() {
        Bandwidth bandwidth = new Bandwidth(1000, nanoTime::get);
        nanoTime.addAndGet(100 * SECOND);

        assertThat(bandwidth.take(100)).isZero();
        assertThat(bandwidth.take(100)).isEqualTo(SECOND / 10);
    }

    @Test
    void yieldsTheSameBytes() throws Exception {
        byte[] bytes = new byte[300_000];
        bytes[299_999] = 7;

        try (InputStream paced = new Bandwidth(1L << 30).pace(new ByteArrayInputStream(bytes))) {
            assertThat(paced.readAllBytes()).isEqualTo(bytes);
        }
    }
}

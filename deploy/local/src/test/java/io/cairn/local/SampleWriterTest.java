package io.cairn.local;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SampleWriterTest {

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    /** Comparing a source that still changes would call a good backup wrong. */
    @Test
    void doesNotCallAClusterStillThatMayStillChange() throws Exception {
        SampleWriter writer =
                new SampleWriter(SampleCluster.SHOP, this::blocked, Duration.ofMillis(50));
        entered.await();

        assertThatThrownBy(writer::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("writer-shop has not ended");
        released.countDown();
    }

    @Test
    void isStillWhenItsStatementHasEnded() throws Exception {
        SampleWriter writer =
                new SampleWriter(SampleCluster.SHOP, this::blocked, Duration.ofSeconds(20));
        entered.await();
        released.countDown();

        assertThatCode(writer::close).doesNotThrowAnyException();
    }

    private Connection blocked() throws SQLException {
        entered.countDown();
        try {
            released.await();
        } catch (InterruptedException e) {
            throw new SQLException(e);
        }
        throw new SQLException("the server is going down");
    }
}

package io.cairn.local;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Keeps changing a sample cluster in small steps, as its tier would, until it is stopped. */
final class SampleWriter implements AutoCloseable {

    private static final Duration PAUSE = Duration.ofMillis(400);

    private final Thread thread;
    private volatile boolean stopped;

    SampleWriter(SampleCluster sample, ConnectionSource source) {
        thread =
                Thread.ofVirtual()
                        .name("writer-" + sample.id())
                        .start(() -> write(sample.writerSql(), source));
    }

    private void write(String sql, ConnectionSource source) {
        while (!stopped) {
            try (Connection connection = source.open();
                    Statement statement = connection.createStatement()) {
                while (!stopped) {
                    statement.execute(sql);
                    Thread.sleep(PAUSE);
                }
            } catch (SQLException e) {
                // The cluster is going down or coming up; the next round tries again.
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            stopped = true;
        }
    }

    /**
     * Returns when the last statement is committed or rolled back: from then on the cluster stands
     * still.
     */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @FunctionalInterface
    interface ConnectionSource {
        Connection open() throws SQLException;
    }
}

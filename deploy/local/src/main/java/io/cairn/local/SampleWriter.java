package io.cairn.local;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Keeps changing a sample cluster in small steps, as its tier would, until it is stopped. */
final class SampleWriter implements AutoCloseable {

    private static final Duration PAUSE = Duration.ofMillis(400);

    /** How long the statement at work may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Thread thread;
    private final Duration patience;
    private volatile boolean stopped;

    SampleWriter(SampleCluster sample, ConnectionSource source) {
        this(sample, source, PATIENCE);
    }

    SampleWriter(SampleCluster sample, ConnectionSource source, Duration patience) {
        this.patience = patience;
        this.thread =
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
     *
     * @throws IllegalStateException when it does not end, or this thread is interrupted: the
     *     cluster may still change
     */
    @Override
    public void close() {
        stopped = true;
        boolean still = false;
        try {
            still = thread.join(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!still) {
            throw new IllegalStateException(
                    thread.getName() + " has not ended, so its cluster may still change");
        }
    }

    @FunctionalInterface
    interface ConnectionSource {
        Connection open() throws SQLException;
    }
}

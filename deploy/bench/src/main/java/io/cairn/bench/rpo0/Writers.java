package io.cairn.bench.rpo0;

import io.cairn.postgres.server.LocalServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Several connections that commit one numbered row after the other, each number once. A number
 * counts as acknowledged when its commit has returned without a warning: a server that stops
 * waiting for its synchronous standby says so in a warning, and lets the commit return.
 *
 * <p>No statement timeout: it would end the wait, not the commit.
 */
final class Writers implements AutoCloseable {

    static final String TABLE = "acknowledged";

    private static final int CONNECTIONS = 8;
    private static final int SOCKET_TIMEOUT_SECONDS = 20;
    private static final int CONNECT_TIMEOUT_SECONDS = 5;
    private static final int RECONNECT_MILLIS = 50;

    /** So that the writers leave the machine to what is to be watched. */
    private static final int PAUSE_MILLIS = 150;

    private static final Duration END = Duration.ofSeconds(30);

    private final LocalServer server;
    private final String database;
    private final Acknowledged acknowledged;
    private final AtomicInteger next = new AtomicInteger();
    private final List<Thread> threads;
    private volatile boolean stopped;

    Writers(LocalServer server, String database, Acknowledged acknowledged) {
        this.server = server;
        this.database = database;
        this.acknowledged = acknowledged;
        this.threads =
                IntStream.range(0, CONNECTIONS)
                        .mapToObj(i ->
                                Thread.ofPlatform().daemon().name("writer " + i).start(this::write))
                        .toList();
    }

    private void write() {
        try {
            while (!stopped) {
                try (Connection connection = connect();
                        PreparedStatement insert =
                                connection.prepareStatement(
                                        "INSERT INTO " + TABLE + " VALUES (?)")) {
                    while (!stopped) {
                        commit(insert);
                        TimeUnit.MILLISECONDS.sleep(
                                ThreadLocalRandom.current().nextInt(PAUSE_MILLIS));
                    }
                } catch (SQLException e) {
                    // Whatever it was, the commit has not returned; the next number is another.
                    TimeUnit.MILLISECONDS.sleep(RECONNECT_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", server.superuser());
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_TIMEOUT_SECONDS));
        properties.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_SECONDS));
        return DriverManager.getConnection(server.jdbcUrl(database), properties);
    }

    private void commit(PreparedStatement insert) throws SQLException {
        int number = next.getAndIncrement();
        insert.setInt(1, number);
        insert.execute();
        if (insert.getWarnings() == null) {
            acknowledged.add(number);
        } else {
            insert.clearWarnings();
        }
    }

    /** No further commit is begun. */
    void stop() {
        stopped = true;
    }

    @Override
    public void close() {
        stop();
        threads.forEach(Thread::interrupt);
        try {
            for (Thread thread : threads) {
                thread.join(END);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.cairn.postgres.connection;

import io.cairn.model.error.CairnException;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import javax.net.SocketFactory;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;

/**
 * A connection of pgjdbc, opened directly, without {@code DriverManager} and its registry.
 *
 * @param sockets those below it, as {@link TcpSocketFactory} made them; the last is in use, perhaps
 *     under TLS
 */
public record DriverConnection(PgConnection connection, List<Socket> sockets) {

    /**
     * The driver makes its sockets on the thread that connects, by a factory that it constructs
     * itself.
     */
    private static final ScopedValue<List<Socket>> SOCKETS = ScopedValue.newInstance();

    public DriverConnection {
        sockets = List.copyOf(sockets);
    }

    /**
     * Makes pgjdbc create its sockets by a factory of ours, which it constructs with the argument.
     */
    public static void useSockets(
            Properties properties, Class<? extends SocketFactory> factory, String argument) {
        PGProperty.SOCKET_FACTORY.set(properties, factory.getName());
        PGProperty.SOCKET_FACTORY_ARG.set(properties, argument);
        // By name, and where the driver has a class loader of its own, that cannot see our classes.
        PGProperty.CLASS_LOADER_STRATEGY.set(properties, "context-first");
    }

    public static DriverConnection open(String url, Properties properties) throws SQLException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(DriverConnection.class.getClassLoader());
        try {
            List<Socket> sockets = new ArrayList<>();
            Connection connection =
                    ScopedValue.where(SOCKETS, sockets)
                            .call(() -> new Driver().connect(url, properties));
            if (connection == null) {
                throw CairnException.bug("pgjdbc does not know the URL " + url);
            }
            return new DriverConnection(connection.unwrap(PgConnection.class), sockets);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    static void created(Socket socket) {
        if (SOCKETS.isBound()) {
            SOCKETS.get().add(socket);
        }
    }
}

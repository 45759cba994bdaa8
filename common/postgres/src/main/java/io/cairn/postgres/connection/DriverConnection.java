package io.cairn.postgres.connection;

import io.cairn.model.error.CairnException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import javax.net.SocketFactory;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;

/** Opens connections of pgjdbc directly, without {@code DriverManager} and its registry. */
public final class DriverConnection {

    private DriverConnection() {}

    /** Makes pgjdbc create its sockets by a factory of ours, which it constructs with the argument. */
    public static void useSockets(Properties properties, Class<? extends SocketFactory> factory, String argument) {
        PGProperty.SOCKET_FACTORY.set(properties, factory.getName());
        PGProperty.SOCKET_FACTORY_ARG.set(properties, argument);
        // The driver loads the factory by name; where it has a class loader of its own, that cannot see our classes.
        PGProperty.CLASS_LOADER_STRATEGY.set(properties, "driver-first");
    }

    public static PgConnection open(String url, Properties properties) throws SQLException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(DriverConnection.class.getClassLoader());
        try {
            Connection connection = new Driver().connect(url, properties);
            if (connection == null) {
                throw CairnException.bug("pgjdbc does not know the URL " + url);
            }
            return connection.unwrap(PgConnection.class);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}

package io.cairn.postgres.server;

import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.connection.DriverConnection;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server of ours, running on a data directory of this machine: for restore drills,
 * {@code --start}, tests and the platform on one machine. It listens on one thing only: a loopback
 * port, or a socket in a directory that nobody else can enter, with no TCP at all ({@link
 * Builder#privateSocket()}).
 *
 * <p>Nothing that weakens durability is set. Started as root, the server runs as {@code nobody}
 * (PostgreSQL refuses root): the data directory is given to that user at every start, and back to
 * its former owner when the server has ended. The server ends with this process, by a shutdown
 * hook; only {@code kill -9} of this process leaves it behind, unless it is {@linkplain
 * Builder#sandboxed() sandboxed}.
 *
 * <p>Thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/app-postgres.html">postgres</a>
 */
public final class LocalServer implements AutoCloseable {

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);
    private static final int PORT_ATTEMPTS = 5;

    private final Launch launch;
    private final ServerAccount account;
    private final Sandbox sandbox;
    private final boolean ephemeralPort;
    private int port;
    private @Nullable ServerProcess process;

    private LocalServer(Builder builder) {
        this.launch = new Launch(builder);
        this.account = ServerAccount.of(launch.dataDirectory());
        this.sandbox = builder.sandboxed ? Sandbox.around(account) : Sandbox.NONE;
        this.port = builder.port;
        this.ephemeralPort = builder.port == 0;
    }

    /** A server on an initialized data directory; nothing runs before {@link Builder#start()}. */
    public static Builder on(PostgresBinaries binaries, Path dataDirectory) {
        return new Builder(binaries, dataDirectory.toAbsolutePath());
    }

    /** How a server is started. */
    public static final class Builder {

        final PostgresBinaries binaries;
        final Path dataDirectory;
        final Map<String, String> settings = new LinkedHashMap<>();
        final List<Path> alsoOwned = new ArrayList<>();
        Optional<List<String>> hostBasedAuthentication = Optional.empty();
        boolean ownConfigurationOnly;
        boolean tcp = true;
        int port;
        String superuser = "postgres";
        Optional<Secret> password = Optional.empty();
        Optional<Path> logFile = Optional.empty();
        Duration startTimeout = Duration.ofSeconds(60);
        Optional<Path> runDirectories = Optional.empty();
        boolean sandboxed;

        private Builder(PostgresBinaries binaries, Path dataDirectory) {
            this.binaries = binaries;
            this.dataDirectory = dataDirectory;
        }

        /**
         * Listens on 127.0.0.1 at a free port, the same one again after a restart. This is the
         * default.
         */
        public Builder loopback() {
            return loopback(0);
        }

        /** Listens on 127.0.0.1 at this port. */
        public Builder loopback(int port) {
            this.tcp = true;
            this.port = port;
            return this;
        }

        /**
         * Listens on a Unix-domain socket in a new directory that only the server's user can enter,
         * and nowhere else.
         */
        public Builder privateSocket() {
            this.tcp = false;
            return this;
        }

        /** A setting for the command line, where it wins over every file. */
        public Builder setting(String name, String value) {
            settings.put(name, value);
            return this;
        }

        public Builder settings(Map<String, String> more) {
            settings.putAll(more);
            return this;
        }

        /** The lines of {@code pg_hba.conf}, instead of the data directory's own. */
        public Builder hostBasedAuthentication(String... lines) {
            hostBasedAuthentication = Optional.of(List.of(lines));
            return this;
        }

        /**
         * Ignores {@code postgresql.conf}, {@code pg_hba.conf} and {@code pg_ident.conf} of the
         * data directory, which may not even be there (Debian keeps them elsewhere): what counts is
         * {@link #setting} and trust on the private socket. {@code postgresql.auto.conf} is still
         * read, and the command line wins over it.
         */
        public Builder ownConfigurationOnly() {
            ownConfigurationOnly = true;
            return this;
        }

        /** A directory outside the data directory that the server must own too: a tablespace's. */
        public Builder alsoOwned(Path directory) {
            alsoOwned.add(directory.toAbsolutePath());
            return this;
        }

        /**
         * The role that {@link LocalServer#connect(String)} uses; {@code postgres} unless said
         * otherwise.
         */
        public Builder superuser(String name) {
            superuser = name;
            return this;
        }

        public Builder password(Secret secret) {
            password = Optional.of(secret);
            return this;
        }

        /**
         * Where the server writes its log; {@code <data directory>.log} unless said otherwise. It
         * is appended to.
         */
        public Builder logFile(Path file) {
            logFile = Optional.of(file.toAbsolutePath());
            return this;
        }

        /**
         * How long the server may take until it accepts connections, recovery included; 60 s unless
         * said otherwise.
         */
        public Builder startTimeout(Duration timeout) {
            startTimeout = timeout;
            return this;
        }

        /**
         * Where the directory of the socket and of generated files is made, if its name is short
         * enough for a socket's; the system's temporary directory unless said otherwise.
         */
        public Builder runDirectoryIn(Path directory) {
            runDirectories = Optional.of(directory.toAbsolutePath());
            return this;
        }

        /**
         * The server has no network, and ends with this process even if that is killed: as far as
         * the machine allows, see {@link LocalServer#hasNetwork()}. Only with a {@link
         * #privateSocket()}.
         */
        public Builder sandboxed() {
            sandboxed = true;
            return privateSocket();
        }

        /**
         * Starts the server and waits until it accepts connections.
         *
         * @throws CairnException {@link ErrorCode#POSTGRES_BOOT_FAILED} with the end of the
         *     server's log
         */
        public LocalServer start() {
            LocalServer server = new LocalServer(this);
            server.start();
            return server;
        }
    }

    /**
     * Starts the server again after {@link #stop()} or {@link #kill()}.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_BOOT_FAILED} with the end of the server's
     *     log
     */
    public synchronized void start() {
        if (isRunning()) {
            throw CairnException.bug(
                    "the server on " + launch.dataDirectory() + " is already running");
        }
        for (int attempt = 1; ; attempt++) {
            int chosen = launch.tcp() && port == 0 ? FreePort.onLoopback() : port;
            ServerProcess candidate = ServerProcess.launch(launch, chosen, account, sandbox);
            try {
                candidate.awaitReady(launch.startTimeout());
                process = candidate;
                port = chosen;
                return;
            } catch (ServerProcess.AddressInUse e) {
                // Between choosing a free port and binding it somebody else may take it.
                if (!ephemeralPort || port != 0 || attempt == PORT_ATTEMPTS) {
                    throw e.failure();
                }
            }
        }
    }

    /**
     * Ends the server in good order (a fast shutdown: sessions are closed, a checkpoint is
     * written). Idempotent.
     */
    public synchronized void stop() {
        ServerProcess running = process;
        process = null;
        if (running != null) {
            running.stop(STOP_TIMEOUT);
        }
    }

    /** Ends the server at once, as a crash would. Idempotent. */
    public synchronized void kill() {
        ServerProcess running = process;
        process = null;
        if (running != null) {
            running.kill();
        }
    }

    /** As {@link #stop()}. */
    @Override
    public void close() {
        stop();
    }

    public synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Whether the server could reach the network: always, unless it is sandboxed. */
    public boolean hasNetwork() {
        return sandbox.hasNetwork();
    }

    /** Makes the server read its configuration files again. */
    public synchronized void reload() {
        running().signal("HUP");
    }

    /** The process id of the postmaster. */
    public synchronized long pid() {
        return running().pid();
    }

    private ServerProcess running() {
        if (process == null) {
            throw new IllegalStateException(
                    "the server on " + launch.dataDirectory() + " is not running");
        }
        return process;
    }

    public Path dataDirectory() {
        return launch.dataDirectory();
    }

    public Path logFile() {
        return launch.logFile();
    }

    public PostgresBinaries binaries() {
        return launch.binaries();
    }

    public String superuser() {
        return launch.superuser();
    }

    /** 127.0.0.1 and the port. */
    public synchronized HostPort address() {
        if (!launch.tcp()) {
            throw new IllegalStateException(
                    "the server on " + launch.dataDirectory() + " listens on no port");
        }
        return new HostPort("127.0.0.1", port);
    }

    public synchronized String jdbcUrl(String database) {
        String name = URLEncoder.encode(database, StandardCharsets.UTF_8);
        return "jdbc:postgresql://" + (launch.tcp() ? address() : "localhost") + "/" + name;
    }

    /**
     * What pgjdbc needs beside the URL, for this user; a private socket is reached through {@link
     * UnixSocketFactory}.
     */
    public synchronized Properties connectionProperties(String user, Optional<Secret> password) {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        password.ifPresent(secret -> properties.setProperty("password", secret.reveal()));
        if (!launch.tcp()) {
            properties.setProperty("sslmode", "disable");
            DriverConnection.useSockets(
                    properties, UnixSocketFactory.class, running().socket().toString());
        }
        return properties;
    }

    /** A connection as the superuser. */
    public Connection connect(String database) throws SQLException {
        return connect(database, connectionProperties(launch.superuser(), launch.password()));
    }

    public Connection connect(String database, String user, Secret password) throws SQLException {
        return connect(database, connectionProperties(user, Optional.of(password)));
    }

    private Connection connect(String database, Properties properties) throws SQLException {
        return DriverConnection.open(jdbcUrl(database), properties).connection();
    }

    /** Runs statements one by one as the superuser, outside transactions. */
    public void execute(String database, String... statements) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static CairnException failed(
            Path dataDirectory, String reason, Path log, @Nullable Throwable cause) {
        return new CairnException(
                ErrorCode.POSTGRES_BOOT_FAILED,
                "PostgreSQL does not start on " + dataDirectory + ": " + reason,
                Files.exists(log)
                        ? "the server's log is " + log
                        : "check the rights and the free space of its directory",
                cause);
    }

    static CairnException failed(Launch launch, IOException cause) {
        return failed(launch.dataDirectory(), cause.toString(), launch.logFile(), cause);
    }
}

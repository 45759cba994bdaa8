package io.cairn.restore.compare;

import io.cairn.restore.server.Queries;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Row counts and checksums of all tables of a cluster: permanent tables, filled materialized views
 * and large objects, in every database that allows connections. Unlogged tables (a backup holds
 * them empty) and the system's own tables are left out.
 *
 * <p>Every database is read in one snapshot. The checksums of two servers can be compared where
 * both have the same major version: a row's text depends on it.
 */
public final class TableDigests {

    /**
     * What a value's text depends on, fixed; and no path by which a database's own objects could be
     * called instead.
     */
    private static final String SESSION =
            """
            SET search_path = pg_catalog; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres';
            SET timezone = 'UTC';
            SET extra_float_digits = 1; SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET lc_numeric = 'C';
            SET xmlbinary = 'base64'; SET quote_all_identifiers = off; SET row_security = off;
            SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET jit = off
            """;

    private static final String DATABASES =
            "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn ORDER BY datname";

    private static final String TABLES =
            """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relpersistence = 'p'
              AND (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated)
              AND (n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                   OR c.oid = 'pg_largeobject'::regclass AND has_table_privilege(c.oid, 'SELECT'))
            ORDER BY 1
            """;

    /** {@code (t.*)}: a column may be called t as well. */
    private static final String DIGEST =
            """
            SELECT count(*), coalesce(sum(hashtextextended((t.*)::text COLLATE "C", 0)::numeric), 0)::text
            FROM ONLY %s t
            """;

    private TableDigests() {}

    /** Every database of the server. */
    public static List<TableDigest> ofCluster(DatabaseConnector server, String anyDatabase)
            throws SQLException {
        List<String> databases;
        try (Connection connection = server.connect(anyDatabase)) {
            databases = Queries.strings(connection, DATABASES);
        }
        List<TableDigest> digests = new ArrayList<>();
        for (String database : databases) {
            try (Connection connection = server.connect(database)) {
                digests.addAll(ofDatabase(connection));
            }
        }
        return digests;
    }

    /** The database the connection is connected to. The session's settings are changed. */
    public static List<TableDigest> ofDatabase(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SESSION);
        }
        List<TableDigest> digests = new ArrayList<>();
        for (String table : Queries.strings(connection, TABLES)) {
            digests.add(digest(connection, table));
        }
        connection.rollback();
        return digests;
    }

    private static TableDigest digest(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(DIGEST.formatted(table))) {
            result.next();
            return new TableDigest(
                    connection.getCatalog(), table, result.getLong(1), result.getString(2));
        }
    }

    /**
     * What differs, one line per table; empty when both have the same tables with the same content.
     */
    public static List<String> differences(List<TableDigest> expected, List<TableDigest> actual) {
        SortedMap<String, TableDigest> wanted = byName(expected);
        SortedMap<String, TableDigest> found = byName(actual);
        List<String> differences = new ArrayList<>();
        wanted.forEach((name, digest) -> {
            TableDigest other = found.get(name);
            if (other == null) {
                differences.add(name + " is missing");
            } else if (other.rows() != digest.rows()) {
                differences.add(
                        name + " has " + other.rows() + " rows instead of " + digest.rows());
            } else if (!other.checksum().equals(digest.checksum())) {
                differences.add(
                        name
                                + " has the same "
                                + digest.rows()
                                + " rows by number, but other content");
            }
        });
        found.keySet().stream()
                .filter(name -> !wanted.containsKey(name))
                .forEach(name -> differences.add(name + " is there but was not expected"));
        return differences;
    }

    private static SortedMap<String, TableDigest> byName(List<TableDigest> digests) {
        SortedMap<String, TableDigest> byName = new TreeMap<>();
        digests.forEach(digest -> byName.put(digest.name(), digest));
        return byName;
    }
}

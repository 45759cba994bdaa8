package io.cairn.restore.drill;

import io.cairn.restore.server.Queries;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The checks of the {@code amcheck} extension: every heap with its out-of-line values, and every
 * b-tree against its heap.
 *
 * @see <a href="https://www.postgresql.org/docs/current/amcheck.html">amcheck</a>
 */
final class AmCheck {

    private static final String AVAILABLE =
            "SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'";

    private static final String SCHEMA =
            """
            SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
            WHERE e.extname = 'amcheck'
            """;

    private static final String HEAPS =
            """
            SELECT c.oid::regclass::text FROM pg_class c JOIN pg_am a ON a.oid = c.relam
            WHERE c.relkind IN ('r', 'm', 't') AND c.relpersistence = 'p' AND a.amname = 'heap'
            ORDER BY c.oid
            """;

    /**
     * B-trees, and whether one of their collations sorts differently here than where the index was
     * built: such an index looks out of order although it is the index that was stored. Collation
     * 100 is the database's default.
     *
     * @see <a href="https://www.postgresql.org/docs/current/sql-altercollation.html">ALTER
     *     COLLATION, Notes</a>
     */
    private static final String BTREES =
            """
            SELECT c.oid::regclass::text,
                   EXISTS (
                       SELECT FROM unnest(i.indcollation) AS u(oid) JOIN pg_collation l ON l.oid = u.oid
                       WHERE CASE WHEN l.oid = 100
                                  THEN d.datcollversion IS DISTINCT FROM pg_database_collation_actual_version(d.oid)
                                  ELSE l.collversion IS DISTINCT FROM pg_collation_actual_version(l.oid) END)
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
                 JOIN pg_database d ON d.datname = current_database()
            WHERE a.amname = 'btree' AND i.indisvalid AND i.indisready AND c.relpersistence = 'p' AND c.relkind = 'i'
            ORDER BY c.oid
            """;

    /** SQLSTATE class 42. */
    private static final String SYNTAX_OR_ACCESS = "42";

    private AmCheck() {}

    /** What was found in one database. */
    sealed interface Result {

        /**
         * @param unchecked what could not be judged here, one line each
         */
        record Sound(List<String> unchecked) implements Result {}

        /** The extension is not among the binaries. */
        record Unavailable() implements Result {}
    }

    /**
     * @throws SQLException whose message names the relation that is corrupt
     */
    static Result check(Connection connection) throws SQLException {
        if (Queries.strings(connection, AVAILABLE).isEmpty()) {
            return new Result.Unavailable();
        }
        String schema = schema(connection);
        for (String heap : Queries.strings(connection, HEAPS)) {
            checkHeap(connection, schema, heap);
        }
        return new Result.Sound(checkIndexes(connection, schema));
    }

    /**
     * The schema of the extension; where the database has it not, it is created beside what is
     * there.
     */
    private static String schema(Connection connection) throws SQLException {
        List<String> installed = Queries.strings(connection, SCHEMA);
        if (!installed.isEmpty()) {
            return installed.getFirst();
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA cairn_drill");
            statement.execute("CREATE EXTENSION amcheck SCHEMA cairn_drill");
        }
        return "cairn_drill";
    }

    private static void checkHeap(Connection connection, String schema, String heap)
            throws SQLException {
        String sql =
                "SELECT blkno, msg FROM "
                        + schema
                        + ".verify_heapam("
                        + literal(heap)
                        + ", on_error_stop => true, check_toast => true) LIMIT 1";
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            if (result.next()) {
                throw new SQLException(
                        heap
                                + " is corrupt: block "
                                + result.getString(1)
                                + ": "
                                + result.getString(2),
                        "XX001");
            }
        }
    }

    private static List<String> checkIndexes(Connection connection, String schema)
            throws SQLException {
        List<String> unchecked = new ArrayList<>();
        for (Index index : indexes(connection)) {
            if (index.otherCollation()) {
                unchecked.add(
                        "index "
                                + index.name()
                                + " was built with another version of its collation");
            } else if (!checkIndex(connection, schema, index.name())) {
                unchecked.add(
                        "index "
                                + index.name()
                                + " was not compared with its table: its expression does not run by itself");
            }
        }
        return unchecked;
    }

    /**
     * Returns whether the index was compared with its table. Where it is over an expression whose
     * functions need a search_path or something else that a bare session has not, only its own
     * order can be checked.
     */
    private static boolean checkIndex(Connection connection, String schema, String index)
            throws SQLException {
        try {
            checkIndex(connection, schema, index, true);
            return true;
        } catch (SQLException e) {
            if (e.getSQLState() == null || !e.getSQLState().startsWith(SYNTAX_OR_ACCESS)) {
                throw e;
            }
            checkIndex(connection, schema, index, false);
            return false;
        }
    }

    private static void checkIndex(
            Connection connection, String schema, String index, boolean heapAllIndexed)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "SELECT %s.bt_index_check(%s, heapallindexed => %s)"
                            .formatted(schema, literal(index), heapAllIndexed));
        } catch (SQLException e) {
            throw new SQLException("index " + index + ": " + e.getMessage(), e.getSQLState(), e);
        }
    }

    private record Index(String name, boolean otherCollation) {}

    private static List<Index> indexes(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(BTREES)) {
            List<Index> indexes = new ArrayList<>();
            while (result.next()) {
                indexes.add(new Index(result.getString(1), result.getBoolean(2)));
            }
            return indexes;
        }
    }

    private static String literal(String name) {
        return "'" + name.replace("'", "''") + "'::pg_catalog.regclass";
    }
}

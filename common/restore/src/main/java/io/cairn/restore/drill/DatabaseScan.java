package io.cairn.restore.drill;

import io.cairn.restore.server.Queries;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * Reads every table of a database in full, out-of-line values included: each row is turned into
 * text, as {@code pg_dump} would. The system's own tables count too; what is wrong in them makes
 * the rest unusable.
 *
 * @param tables tables, materialized views and sequences that were read
 * @param rows rows that were read
 */
record DatabaseScan(long tables, long rows) {

    private static final String RELATIONS =
            """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relpersistence <> 't'
              AND (c.relkind IN ('r', 'S') OR c.relkind = 'm' AND c.relispopulated)
              AND n.nspname <> 'pg_toast'
            ORDER BY c.oid
            """;

    /**
     * @throws SQLException whose message names the table that cannot be read
     */
    static DatabaseScan of(Connection connection) throws SQLException {
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        List<String> relations = Queries.strings(connection, RELATIONS);
        long rows = 0;
        for (String relation : relations) {
            rows += read(copy, relation);
        }
        return new DatabaseScan(relations.size(), rows);
    }

    private static long read(CopyManager copy, String relation) throws SQLException {
        try {
            String sql = "COPY (SELECT * FROM ONLY " + relation + ") TO STDOUT";
            return copy.copyOut(sql, OutputStream.nullOutputStream());
        } catch (SQLException e) {
            throw new SQLException(
                    "cannot read " + relation + ": " + e.getMessage(), e.getSQLState(), e);
        } catch (IOException e) {
            throw new SQLException(
                    "cannot read " + relation + ": the connection broke", "08006", e);
        }
    }
}

package io.cairn.postgres.connection;

/** Names and texts as SQL and the replication grammar write them. */
public final class SqlText {

    private SqlText() {}

    /**
     * In double quotes, always: a name that is a key word today need not have been one yesterday.
     */
    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /**
     * In single quotes. Backslashes stand for themselves: {@code standard_conforming_strings} is on
     * in every session.
     */
    public static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }
}

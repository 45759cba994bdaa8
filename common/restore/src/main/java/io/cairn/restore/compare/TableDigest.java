package io.cairn.restore.compare;

/**
 * The content of a table in short: equal content gives equal digests, whatever the order of the
 * rows.
 *
 * @param table schema and name, quoted where SQL needs it
 * @param rows exact number of rows
 * @param checksum sum of {@code hashtextextended} over the rows' text, decimal
 */
public record TableDigest(String database, String table, long rows, String checksum) {

    public String name() {
        return database + ": " + table;
    }
}

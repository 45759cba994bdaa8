package io.cairn.postgres.basebackup;

/**
 * A fork of a relation, as the server names its files.
 *
 * @param tablespace its OID; 1663 is {@code base}, 1664 is {@code global}
 * @param database its OID; 0 in {@code global}
 * @param number the relation's file number ({@code pg_relation_filenode})
 * @param fork 0 main, 1 free space map, 2 visibility map, 3 initialization
 * @see <a href="https://www.postgresql.org/docs/current/storage-file-layout.html">Database File
 *     Layout</a>
 */
public record RelationFork(long tablespace, long database, long number, int fork) {

    @Override
    public String toString() {
        return tablespace + "/" + database + "/" + number + (fork == 0 ? "" : " fork " + fork);
    }
}

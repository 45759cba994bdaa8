package io.cairn.catalog.backup;

import java.util.List;

/** The records whose object is not written yet. Blocking; thread-safe. */
public interface PendingRecords {

    /** A record with its backup, which says where its object belongs. */
    record Pending(BackupRecord record, Backup backup) {}

    /**
     * Oldest first; only those whose backup is known by now.
     *
     * @param limit at most so many
     */
    List<Pending> pending(int limit);

    void stored(List<BackupRecord> records);

    /** How many there are in all. */
    long count();
}

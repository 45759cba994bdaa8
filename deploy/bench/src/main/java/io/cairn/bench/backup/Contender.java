package io.cairn.bench.backup;

import io.cairn.bench.Metered;
import java.nio.file.Path;

/** A tool that is measured. For one thread. */
interface Contender extends Metered {

    String name();

    /** Takes a full backup; at its return everything is durable in the store. */
    void backup() throws Exception;

    /** What the last backup says of itself. */
    BackupSize lastBackup() throws Exception;

    /**
     * Restores the last backup into a directory that is new; at its return every file is durable.
     */
    void restore(Path directory) throws Exception;

    /** Removes all backups, outside of what is measured. */
    void forget() throws Exception;

    /**
     * @param read bytes of the cluster
     * @param stored bytes of all objects that came with it, WAL included
     */
    record BackupSize(long read, long stored) {}
}

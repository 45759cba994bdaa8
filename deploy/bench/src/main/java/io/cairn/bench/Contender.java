package io.cairn.bench;

import java.nio.file.Path;
import java.time.Duration;

/** A tool that is measured. For one thread. */
interface Contender {

    String name();

    /** What compresses. */
    String codec();

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

    /** Processor time of the tool so far. */
    Duration cpu();

    /** Begins to watch the tool's memory. */
    void watchMemory();

    /** Most resident memory of its largest process since {@link #watchMemory}. */
    long peakBytes();

    /**
     * @param read bytes of the cluster
     * @param stored bytes of all objects that came with it, WAL included
     */
    record BackupSize(long read, long stored) {}
}

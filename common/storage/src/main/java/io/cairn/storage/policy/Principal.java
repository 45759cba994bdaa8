package io.cairn.storage.policy;

/** Who has a credential of its own. The scheduler is not among them: it never touches storage. */
public enum Principal {
    EXECUTOR,
    CATALOG,
    VALIDATOR,
    /**
     * The replication service where it copies backups from. WAL flows both ways, so that it creates
     * that here too.
     */
    REPLICATION_SOURCE,
    /** The replication service where it copies to. */
    REPLICATION_TARGET,
    /** Whoever runs {@code cairn}. */
    OPERATOR
}

package io.cairn.storage.policy;

/** Who has a credential of its own. The scheduler is not among them: it never touches storage. */
public enum Principal {
    EXECUTOR,
    CATALOG,
    VALIDATOR,
    /** The replication service where it copies from: one credential per direction. */
    REPLICATION_SOURCE,
    /** The replication service where it copies to. */
    REPLICATION_TARGET,
    /** Whoever runs {@code cairn}. */
    OPERATOR
}

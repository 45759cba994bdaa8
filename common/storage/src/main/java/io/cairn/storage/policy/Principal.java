package io.cairn.storage.policy;

/** Who has a credential of its own. The scheduler is not among them: it never touches storage. */
public enum Principal {
    EXECUTOR,
    CATALOG,
    VALIDATOR,
    /**
     * The replication service in the store that comes first in the policy. What was stored
     * elsewhere while this one was away flows back, and damage is repaired here too: the rights are
     * those of {@link #REPLICATION_TARGET}, with a credential of its own.
     */
    REPLICATION_SOURCE,
    /** The replication service in every other store. */
    REPLICATION_TARGET,
    /** Whoever runs {@code cairn}. */
    OPERATOR,
    /**
     * Whoever rotates and shreds keys: alone in being able to remove a wrapped key that has not
     * expired. It reads no volume, so that its credential and a private key together open nothing.
     */
    CUSTODIAN
}

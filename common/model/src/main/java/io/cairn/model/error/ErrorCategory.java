package io.cairn.model.error;

/**
 * What an error means for whoever has to react. Retry, acknowledgement, HTTP status, alert and the
 * exit code of {@code cairn} derive from this and from nothing else.
 */
public enum ErrorCategory {
    /** The configuration or the request is wrong; nothing was changed. */
    CONFIG,
    /** May pass by itself: a host or store that does not answer now. Retried within limits. */
    TRANSIENT,
    /**
     * Will fail again until somebody changes something outside: a right that is missing, a server
     * that is too old.
     */
    PERMANENT,
    /** Stored or received bytes are not what they must be. Never retried away; always alerts. */
    CORRUPTION,
    /** Cairn itself is wrong. */
    BUG
}

package io.cairn.cli;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;

/** The exit codes of {@code cairn}. They are stable: scripts and monitoring rely on them. */
enum ExitCode {
    OK(0),
    ERROR(1),
    /** The command line is wrong. */
    MISUSE(2),
    /** Refused before anything was changed. */
    REFUSED(4),
    NOT_FOUND(6),
    /** A server or store does not answer. */
    UNREACHABLE(8),
    /** Stored bytes, or a restored server, are not what they must be. */
    VERIFICATION_FAILED(9);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static ExitCode of(CairnException e) {
        return switch (e.code()) {
            case CLUSTER_UNKNOWN, BACKUP_NOT_FOUND, HOLD_NOT_FOUND, STORE_BUCKET_MISSING ->
                    NOT_FOUND;
            // What a file has wrong is CONFIG_INVALID: these two are arguments.
            case REQUEST_INVALID, NAME_INVALID -> MISUSE;
            // Keys are opened, and archives thawed, before anything is written.
            case KEY_CANNOT_DECRYPT, KEYS_SHREDDED, STORE_OBJECT_ARCHIVED -> REFUSED;
            // Known only once everything is restored and replayed.
            case RECOVERY_TARGET_NOT_FOUND -> ERROR;
            case SIGNATURE_UNTRUSTED -> VERIFICATION_FAILED;
            default -> of(e.category());
        };
    }

    private static ExitCode of(ErrorCategory category) {
        return switch (category) {
            case CONFIG -> REFUSED;
            case TRANSIENT -> UNREACHABLE;
            case PERMANENT, BUG -> ERROR;
            case CORRUPTION -> VERIFICATION_FAILED;
        };
    }
}

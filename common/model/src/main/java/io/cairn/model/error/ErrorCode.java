package io.cairn.model.error;

import static io.cairn.model.error.ErrorCategory.BUG;
import static io.cairn.model.error.ErrorCategory.CONFIG;
import static io.cairn.model.error.ErrorCategory.CORRUPTION;
import static io.cairn.model.error.ErrorCategory.PERMANENT;
import static io.cairn.model.error.ErrorCategory.TRANSIENT;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;

/**
 * Every way Cairn can fail that somebody may have to tell apart. The constant's name is public and
 * stable: it appears in events, in problem+json and in JSON output. Codes are added, never renamed.
 */
public enum ErrorCode {
    // configuration and requests
    CONFIG_INVALID(CONFIG),
    CONFIG_UNKNOWN_KEY(CONFIG),
    NAME_INVALID(CONFIG),
    SECRET_UNAVAILABLE(CONFIG),
    CERTIFICATE_INVALID(CONFIG),
    CLUSTER_UNKNOWN(CONFIG),
    BACKUP_NOT_FOUND(CONFIG),
    HOLD_NOT_FOUND(CONFIG),
    TARGET_NOT_EMPTY(CONFIG),
    TARGET_LIVE(CONFIG),
    TARGET_NO_SPACE(CONFIG),
    TARGET_UNWRITABLE(PERMANENT),
    REQUEST_INVALID(CONFIG),
    /** What was confirmed is not what would be done now. */
    PLAN_CHANGED(CONFIG),

    // PostgreSQL
    POSTGRES_UNREACHABLE(TRANSIENT),
    POSTGRES_CONNECTION_LOST(TRANSIENT),
    POSTGRES_AUTHENTICATION_FAILED(PERMANENT),
    POSTGRES_NOT_PERMITTED(PERMANENT),
    POSTGRES_NO_PRIMARY(TRANSIENT),
    POSTGRES_TOO_OLD(PERMANENT),
    POSTGRES_WAL_SENDERS_EXHAUSTED(TRANSIENT),
    POSTGRES_SLOTS_EXHAUSTED(PERMANENT),
    POSTGRES_SLOT_ACTIVE(TRANSIENT),
    POSTGRES_WAL_REMOVED(PERMANENT),
    POSTGRES_TIMELINE_DIVERGED(PERMANENT),
    POSTGRES_SUMMARIZE_WAL_OFF(PERMANENT),
    POSTGRES_WAL_SUMMARIES_LAGGING(TRANSIENT),
    POSTGRES_WAL_SUMMARIES_MISSING(PERMANENT),
    /** Blocks that a restore needs are not in an incremental. */
    POSTGRES_INCREMENTAL_INCOMPLETE(PERMANENT),
    POSTGRES_SYSTEM_IDENTIFIER_CHANGED(PERMANENT),
    POSTGRES_ERROR(PERMANENT),
    POSTGRES_PROTOCOL(BUG),
    POSTGRES_BINARIES_MISSING(PERMANENT),
    POSTGRES_BOOT_FAILED(PERMANENT),

    // object storage
    STORE_UNREACHABLE(TRANSIENT),
    STORE_UNAVAILABLE(TRANSIENT),
    STORE_BUCKET_MISSING(PERMANENT),
    STORE_ACCESS_DENIED(PERMANENT),
    STORE_OBJECT_MISSING(CORRUPTION),
    STORE_OBJECT_DIFFERS(CORRUPTION),
    STORE_LOCKED(PERMANENT),
    /** A lock or legal hold is asked of a bucket that has no Object Lock. */
    STORE_NO_OBJECT_LOCK(PERMANENT),
    /** It is in an archive class, and has to be thawed before it can be read. */
    STORE_OBJECT_ARCHIVED(PERMANENT),
    /** A bucket's lifecycle rules endanger backups, or would. */
    LIFECYCLE_UNSAFE(CONFIG),
    STORE_ERROR(PERMANENT),

    // keys
    KEY_CANNOT_DECRYPT(PERMANENT),
    KEY_INVALID(CONFIG),
    /** A cluster's keys were removed for ever, on purpose. */
    KEYS_SHREDDED(PERMANENT),
    /** Keys are not shredded while a lock or a hold keeps a backup of the cluster. */
    KEYS_RETAINED(CONFIG),
    KMS_UNREACHABLE(TRANSIENT),
    KMS_ACCESS_DENIED(PERMANENT),
    /** What was encrypted did not open again, and was not stored. */
    ENCRYPTION_FAILED(TRANSIENT),
    SIGNATURE_INVALID(CORRUPTION),
    SIGNATURE_UNTRUSTED(PERMANENT),

    // stored bytes
    ARCHIVE_CORRUPT(CORRUPTION),
    ARCHIVE_INCOMPLETE(CORRUPTION),
    MANIFEST_MISMATCH(CORRUPTION),
    COMMIT_INVALID(CORRUPTION),
    /** A tombstone, a hold or another record of Cairn's own. */
    RECORD_INVALID(CORRUPTION),
    DRILL_FAILED(CORRUPTION),
    FORMAT_UNSUPPORTED(PERMANENT),

    // recovery
    RECOVERY_TARGET_UNREACHABLE(CONFIG),
    RECOVERY_TARGET_NOT_FOUND(CONFIG),
    RECOVERY_FAILED(CORRUPTION),

    // runs
    RUN_DEADLINE_PASSED(PERMANENT),
    RUN_STALLED(TRANSIENT),
    RUN_FENCED(TRANSIENT),
    RUN_DRAINED(TRANSIENT),
    SOURCE_FAILED(TRANSIENT),
    /** WAL that a log backup covers did not reach the store in time. */
    WAL_NOT_STORED(TRANSIENT),
    KIND_UNSUPPORTED(PERMANENT),

    // events and services
    EVENT_UNREADABLE(PERMANENT),
    BROKER_UNREACHABLE(TRANSIENT),
    SCHEDULER_FENCED(PERMANENT),
    SERVICE_UNREACHABLE(TRANSIENT),

    /** Also how a code is read that a later release has added. */
    @JsonEnumDefaultValue
    INTERNAL(BUG);

    private final ErrorCategory category;

    ErrorCode(ErrorCategory category) {
        this.category = category;
    }

    public ErrorCategory category() {
        return category;
    }
}

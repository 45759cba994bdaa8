package io.cairn.postgres.connection;

import io.cairn.config.HostPort;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Errors of the replication commands that need an answer of their own. PostgreSQL gives several of
 * them the same SQLSTATE, so the routine that reported one decides too.
 */
record ReplicationErrors(HostPort host, ServerMessage message, @Nullable Throwable cause) {

    private static final String NOT_IN_PREREQUISITE_STATE = "55000";
    private static final String OBJECT_IN_USE = "55006";

    /** Empty for any other error. */
    Optional<CairnException> toException() {
        return switch (message.routine()) {
            case "ReplicationSlotAcquire" -> slot();
            case "WalSndSegmentOpen", "CheckXLogRemoved" -> Optional.of(walRemoved());
            case "StartReplication", "tliSwitchPoint" ->
                    message.sqlState().equals("XX000") ? Optional.of(diverged()) : Optional.empty();
            case "parse_basebackup_options",
                    "PrepareForIncrementalBackup",
                    "WaitForWalSummarization" ->
                    message.sqlState().equals(NOT_IN_PREREQUISITE_STATE)
                            ? Optional.of(incremental())
                            : Optional.empty();
            default -> Optional.empty();
        };
    }

    private Optional<CairnException> slot() {
        return switch (message.sqlState()) {
            case OBJECT_IN_USE ->
                    Optional.of(
                            error(
                                    ErrorCode.POSTGRES_SLOT_ACTIVE,
                                    "it is tried again; see who streams: SELECT slot_name, active_pid FROM"
                                            + " pg_replication_slots"));
            case NOT_IN_PREREQUISITE_STATE -> Optional.of(walRemoved());
            default -> Optional.empty();
        };
    }

    private CairnException walRemoved() {
        return error(
                ErrorCode.POSTGRES_WAL_REMOVED,
                "take a full backup; raise max_slot_wal_keep_size if a slot was to hold this WAL");
    }

    private CairnException diverged() {
        return error(
                ErrorCode.POSTGRES_TIMELINE_DIVERGED,
                "take a full backup of this server, whose history went another way");
    }

    private CairnException incremental() {
        return switch (message.routine()) {
            case "WaitForWalSummarization" ->
                    error(
                            ErrorCode.POSTGRES_WAL_SUMMARIES_LAGGING,
                            "see whether the WAL summarizer runs: SELECT * FROM pg_get_wal_summarizer_state()");
            case "PrepareForIncrementalBackup" ->
                    error(
                            ErrorCode.POSTGRES_WAL_SUMMARIES_MISSING,
                            "take a full backup; raise wal_summary_keep_time above the time between backups");
            default ->
                    error(
                            ErrorCode.POSTGRES_SUMMARIZE_WAL_OFF,
                            "ALTER SYSTEM SET summarize_wal = on; SELECT pg_reload_conf();");
        };
    }

    private CairnException error(ErrorCode code, String hint) {
        return new CairnException(code, host + " reports: " + message, hint, cause);
    }
}

package io.cairn.postgres.basebackup;

import io.cairn.model.SystemIdentifier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.connection.ConnectionMode;
import io.cairn.postgres.connection.ReplicationWire;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.connection.ServerIdentity;
import io.cairn.postgres.manifest.BackupManifest;
import io.cairn.postgres.manifest.BackupManifest.Summary;
import io.cairn.postgres.manifest.BackupManifest.WalRange;
import io.cairn.postgres.wal.TimelineHistory;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * {@code UPLOAD_MANIFEST}: tells the server which backup the next one of the session builds on.
 *
 * <pre>
 * receiver                    server
 *   Query UPLOAD_MANIFEST       CopyInResponse
 *   CopyData*, CopyDone         CommandComplete, ReadyForQuery
 * </pre>
 *
 * <p>PostgreSQL reports what is wrong with a parent under one SQLSTATE and after the checkpoint, so
 * everything that can be known before is found out here, each with its own error, while nothing has
 * been done and the session can still take a full.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/protocol-replication.html#PROTOCOL-REPLICATION-UPLOAD-MANIFEST">UPLOAD_MANIFEST</a>
 */
public final class ParentManifest {

    /** The first version with {@code INCREMENTAL} and WAL summaries. */
    public static final int OLDEST_MAJOR = 17;

    private final ServerConnection session;

    /**
     * @param session the backup's own, in {@link ConnectionMode#DATABASE_REPLICATION}
     */
    public ParentManifest(ServerConnection session) {
        this.session = session;
    }

    /**
     * Checks the server, uploads the manifest while it is read and verified, and waits until the
     * WAL from the parent's start to the newest checkpoint is summarized. Afterwards an {@linkplain
     * BaseBackupOptions#asIncremental() incremental} can be taken on the session.
     *
     * <p>The session can be used after every error but {@link ErrorCode#POSTGRES_CONNECTION_LOST}.
     *
     * @param manifest the parent's, byte for byte; read to its end, not closed
     * @param summaryWait how long the WAL summarizer may take; the server itself waits again after
     *     the backup's checkpoint, and gives up when a minute brings no progress
     * @throws CairnException
     *     <ul>
     *       <li>{@link ErrorCode#KIND_UNSUPPORTED}: PostgreSQL 16 or older
     *       <li>{@link ErrorCode#POSTGRES_SUMMARIZE_WAL_OFF}
     *       <li>{@link ErrorCode#POSTGRES_NOT_PERMITTED}: the summaries may not be read, so that
     *           the backup could not be checked afterwards ({@link RelationCuts})
     *       <li>{@link ErrorCode#MANIFEST_MISMATCH}: these bytes are not a manifest as a server
     *           wrote it
     *       <li>{@link ErrorCode#POSTGRES_SYSTEM_IDENTIFIER_CHANGED}: another cluster's
     *       <li>{@link ErrorCode#POSTGRES_TIMELINE_DIVERGED}: its timeline is not in the server's
     *           history, or was left before the parent ended
     *       <li>{@link ErrorCode#POSTGRES_WAL_SUMMARIES_LAGGING}: not within {@code summaryWait}
     *       <li>{@link ErrorCode#POSTGRES_WAL_SUMMARIES_MISSING}: some since the parent are gone
     *     </ul>
     *
     * @throws IOException from the stream
     */
    public Summary upload(InputStream manifest, Duration summaryWait)
            throws IOException, InterruptedException {
        WalSummaries summaries = new WalSummaries(session);
        requireVersion();
        summaries.requireOn();
        summaries.requireReadable();
        ServerIdentity identity = session.identify();
        TimelineHistory history = TimelineHistory.fetch(session, identity.timeline());
        Summary parent = send(manifest, identity, history);
        summaries.require(parent.walRanges().getFirst().start(), history, summaryWait);
        return parent;
    }

    private void requireVersion() {
        if (session.majorVersion() < OLDEST_MAJOR) {
            throw new CairnException(
                    ErrorCode.KIND_UNSUPPORTED,
                    session.host()
                            + " runs PostgreSQL "
                            + session.majorVersion()
                            + ", which has no incremental backups",
                    "they came with PostgreSQL " + OLDEST_MAJOR + "; take a log backup or a full");
        }
    }

    private Summary send(InputStream manifest, ServerIdentity identity, TimelineHistory history)
            throws IOException {
        ReplicationWire wire = session.wire();
        wire.query("UPLOAD_MANIFEST");
        wire.expect('G');
        wire.body();
        ManifestUpload upload = new ManifestUpload(wire, manifest);
        Summary parent;
        try {
            parent = BackupManifest.read(upload, file -> {});
            requireSameSystem(parent, identity);
            requireContinued(last(parent), history);
        } catch (IOException | CairnException e) {
            upload.cancel(e);
            throw e;
        }
        upload.finish();
        return parent;
    }

    private void requireSameSystem(Summary parent, ServerIdentity identity) {
        SystemIdentifier expected = identity.systemIdentifier();
        if (parent.systemIdentifier().filter(expected::equals).isEmpty()) {
            throw new CairnException(
                    ErrorCode.POSTGRES_SYSTEM_IDENTIFIER_CHANGED,
                    "the parent is a backup of system "
                            + parent.systemIdentifier()
                                    .map(SystemIdentifier::toString)
                                    .orElse("unknown")
                            + ", "
                            + session.host()
                            + " is "
                            + expected,
                    "take a full backup of this cluster");
        }
    }

    /** The last of the ranges: a backup on a standby may span a promotion. */
    private static WalRange last(Summary parent) {
        if (parent.walRanges().isEmpty()) {
            throw new CairnException(
                    ErrorCode.MANIFEST_MISMATCH,
                    "the parent's manifest names no WAL",
                    "take a full backup");
        }
        return parent.walRanges().getLast();
    }

    private void requireContinued(WalRange range, TimelineHistory history) {
        if (!history.continues(range.timeline(), range.end())) {
            throw new CairnException(
                    ErrorCode.POSTGRES_TIMELINE_DIVERGED,
                    "the parent ended on timeline "
                            + range.timeline()
                            + " at "
                            + range.end()
                            + ", which is not in the history of "
                            + session.host()
                            + " on timeline "
                            + history.timeline(),
                    "take a full backup of this server, whose history went another way");
        }
    }
}

package io.cairn.executor.basebackup;

import io.cairn.model.SystemIdentifier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.basebackup.BaseBackupOptions;
import io.cairn.postgres.basebackup.BaseBackupReceiver;
import io.cairn.postgres.basebackup.BaseBackupResult;
import io.cairn.postgres.basebackup.ParentManifest;
import io.cairn.postgres.basebackup.RelationCuts;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * One session with a cluster's primary: the fence lives in it and the backup comes through it. When
 * the session ends, so does the fence. For one thread, except {@link #abort()}. Every method throws
 * {@link CairnException} with {@link ErrorCode#POSTGRES_CONNECTION_LOST} when the session has
 * ended.
 */
public interface SourceSession extends AutoCloseable {

    SystemIdentifier systemIdentifier();

    /** The source's settings that a restored server needs to start, those the role may read. */
    Map<String, String> settings();

    /** Takes the cluster's fence unless another session has it. */
    boolean tryFence();

    /** Whether this very session holds the fence now. */
    boolean holdsFence();

    /** The session that holds the fence now, with what shows whether it moves. */
    Optional<FenceHolder> fenceHolder();

    /** Ends the holder's session if it still is the holder's; true if the session has ended. */
    boolean endFenceHolder(FenceHolder holder);

    /** Streams a base backup into {@code receiver}, whose exceptions end it and the session. */
    BaseBackupResult baseBackup(BaseBackupOptions options, BaseBackupReceiver receiver)
            throws InterruptedException;

    /**
     * Tells the server which backup the next {@linkplain BaseBackupOptions#asIncremental()
     * incremental} one of this session builds on, and waits until it knows what has changed since.
     *
     * @param manifest the parent's, byte for byte
     * @throws CairnException as {@link ParentManifest#upload} does; the session can be used after
     *     it unless its connection was lost
     */
    void buildOn(byte[] manifest, Duration summaryWait) throws InterruptedException;

    /**
     * Where relations were cut off between the parent that was {@linkplain #buildOn built on} and
     * the incremental that was streamed on this session: an incremental may lack blocks there.
     *
     * @throws CairnException as {@link RelationCuts#read} does
     */
    RelationCuts cuts(BaseBackupResult incremental);

    /** {@code server_version_num} divided by 10000. */
    int majorVersion();

    /**
     * Ends the WAL segment in progress where there was activity, so that it is stored whole, and
     * says where the WAL ends now.
     */
    WalPosition closeSegment();

    /** Ends the session at once, whatever it is doing. Any thread may call it. */
    void abort();

    @Override
    void close();
}

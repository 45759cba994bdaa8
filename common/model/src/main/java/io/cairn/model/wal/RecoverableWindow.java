package io.cairn.model.wal;

import io.cairn.model.BackupLabel;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a cluster can be recovered to from one store alone: every moment from {@code earliest} to
 * {@code latest}.
 *
 * @param earliest the end of the oldest backup from which WAL leads to {@code latest} without a
 *     hole
 * @param streamed whether {@code latest} is known from WAL; otherwise it is the end of a backup
 * @param provenBy the backup within it from which a server was last restored; absent if none was
 */
public record RecoverableWindow(
        StoreName store,
        SystemIdentifier systemIdentifier,
        Point earliest,
        Point latest,
        boolean streamed,
        Optional<Proof> provenBy) {

    /**
     * A moment and where it lies in the WAL.
     *
     * @param time everything that was committed until then lies before {@code lsn}
     */
    public record Point(Timeline timeline, Lsn lsn, Instant time) {}

    /**
     * A restore drill that succeeded.
     *
     * @param rto how long it took until the restored server answered
     */
    public record Proof(BackupLabel label, Instant at, Duration rto) {}
}

package io.cairn.catalog.cluster.rest;

import io.cairn.model.wal.RecoverableWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The moments a cluster can be recovered to from one store alone.
 *
 * @param streamed whether the latest is known from WAL; otherwise it is the end of a backup
 * @param provenBy the backup within it that was last restored in a drill
 */
record WindowView(
        String store,
        String systemIdentifier,
        PointView earliest,
        PointView latest,
        boolean streamed,
        Optional<ProofView> provenBy) {

    /** A moment and where it lies in the WAL. */
    record PointView(int timeline, String lsn, Instant time) {

        static PointView of(RecoverableWindow.Point point) {
            return new PointView(point.timeline().id(), point.lsn().toString(), point.time());
        }
    }

    /** A restore drill that succeeded, and the time it took. */
    record ProofView(String label, Instant at, Duration rto) {

        static ProofView of(RecoverableWindow.Proof proof) {
            return new ProofView(proof.label().value(), proof.at(), proof.rto());
        }
    }

    static WindowView of(RecoverableWindow window) {
        return new WindowView(
                window.store().value(),
                window.systemIdentifier().toString(),
                PointView.of(window.earliest()),
                PointView.of(window.latest()),
                window.streamed(),
                window.provenBy().map(ProofView::of));
    }
}

package io.cairn.catalog.cluster;

import io.cairn.catalog.wal.ArchivedWal;
import io.cairn.catalog.wal.WalGap;
import io.cairn.model.wal.RecoverableWindow;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What is stored of a cluster's WAL.
 *
 * @param windows what can be recovered, one for each store with a backup
 * @param archived by store and timeline
 * @param gaps by time
 */
public record StoredWal(
        List<RecoverableWindow> windows, List<ArchivedWal> archived, List<WalGap> gaps) {

    public static final StoredWal NONE = new StoredWal(List.of(), List.of(), List.of());

    public StoredWal {
        windows = List.copyOf(windows);
        archived = List.copyOf(archived);
        gaps = List.copyOf(gaps);
    }

    /** When the server was last seen to let commits wait for the stream at the window's end. */
    public Optional<Instant> synchronousAt(RecoverableWindow window) {
        return archived.stream()
                .filter(wal ->
                        wal.store().equals(window.store())
                                && wal.systemIdentifier().equals(window.systemIdentifier())
                                && wal.timeline().equals(window.latest().timeline())
                                && wal.divergence().isEmpty())
                .flatMap(wal -> wal.from(window.latest().lsn()).stream())
                .flatMap(range -> range.synchronousAt().stream())
                .max(Comparator.naturalOrder());
    }

    /** The window of the store that leads furthest: what is lost if the cluster is lost now. */
    public Optional<RecoverableWindow> furthest() {
        return windows.stream().max(Comparator.comparing(window -> window.latest().time()));
    }
}

package io.cairn.executor.wal;

import io.cairn.model.wal.SegmentSize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** The Java heap that WAL streams take. Thread-safe. */
@ApplicationScoped
public class WalMemory {

    private final WalStreamSettings settings;

    @Inject
    WalMemory(WalStreamSettings settings) {
        this.settings = settings;
    }

    /** Whether this executor holds streams at all. */
    public boolean isHeld() {
        return settings.hold();
    }

    /** The most that one stream takes, of a server with segments of the usual size. */
    public long bytesOfStream() {
        return settings.toWalSettings().bytesInMemory(SegmentSize.DEFAULT.bytes());
    }
}

package io.cairn.archive;

import io.cairn.model.backup.Archive;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An archive of which some volumes may still be on their way. The writing thread counts its bytes,
 * the assembler adds its volumes, the uploads complete them; {@link #toArchive()} is for after all
 * of that.
 */
final class ArchiveInProgress {

    private static final int MAX_VOLUMES = 1_000_000;

    /** A slice of the archive; {@link #stored} is set when it lies in the store. */
    static final class VolumeInProgress {

        private final long offset;
        private final long bytes;
        private volatile @Nullable StoredObject stored;

        private VolumeInProgress(long offset, long bytes) {
            this.offset = offset;
            this.bytes = bytes;
        }

        void storedAs(StoredObject object) {
            stored = object;
        }

        private Volume toVolume() {
            StoredObject object = stored;
            if (object == null) {
                throw CairnException.bug("a volume was not stored, yet its archive is finished");
            }
            return new Volume(object, offset, bytes);
        }
    }

    private final String name;
    private final Optional<Archive.Tablespace> tablespace;
    private final List<VolumeInProgress> volumes = new ArrayList<>();
    private long bytes;
    private long bytesInVolumes;

    ArchiveInProgress(String name, Optional<Archive.Tablespace> tablespace) {
        this.name = name;
        this.tablespace = tablespace;
    }

    String name() {
        return name;
    }

    void count(int written) {
        bytes += written;
    }

    int volumeCount() {
        return volumes.size();
    }

    /** Cuts off the next {@code length} bytes of the archive as a volume. */
    VolumeInProgress addVolume(long length) {
        if (volumes.size() == MAX_VOLUMES) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    name + " has more than " + MAX_VOLUMES + " volumes",
                    "configure larger volumes for this cluster");
        }
        VolumeInProgress volume = new VolumeInProgress(bytesInVolumes, length);
        bytesInVolumes += length;
        volumes.add(volume);
        return volume;
    }

    Archive toArchive() {
        return new Archive(
                name, tablespace, bytes, volumes.stream().map(VolumeInProgress::toVolume).toList());
    }
}

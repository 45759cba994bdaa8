package io.cairn.archive;

import io.cairn.archive.cms.CmsSealer;
import io.cairn.archive.key.BackupKey;
import io.cairn.model.ObjectKey;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts members together, in order, to encrypted volumes: a volume ends when the next member has no
 * room in it, or with its archive. Used by one thread.
 */
final class VolumeAssembler {

    private final BackupKey key;
    private final VolumeNames names;
    private final Pool<Block> blocks;
    private final Pool<CmsSealer> buffers;
    private final VolumeUploads uploads;
    private final Runnable uploadStarts;
    private final Runnable uploadEnds;
    private final byte[] member;
    private @Nullable CmsSealer volume;
    private long volumeContentBytes;

    /**
     * @param uploadStarts is run before a volume is handed to {@code uploads}, {@code uploadEnds}
     *     when it is stored
     */
    VolumeAssembler(
            BackupKey key,
            VolumeNames names,
            int memberBytes,
            Pool<Block> blocks,
            Pool<CmsSealer> buffers,
            VolumeUploads uploads,
            Runnable uploadStarts,
            Runnable uploadEnds) {
        this.key = key;
        this.names = names;
        this.member = new byte[memberBytes];
        this.blocks = blocks;
        this.buffers = buffers;
        this.uploads = uploads;
        this.uploadStarts = uploadStarts;
        this.uploadEnds = uploadEnds;
    }

    /** Takes the next compressed block and gives it back to its pool. */
    void accept(Block block) throws InterruptedException, Pool.ClosedException {
        ArchiveInProgress archive = block.archive();
        boolean last = block.isLast();
        CmsSealer target = volumeWithRoomFor(block);
        block.copyMemberTo(member);
        target.append(member, 0, block.memberLength());
        volumeContentBytes += block.length();
        blocks.give(block);
        if (last) {
            seal(target, archive);
        }
    }

    private CmsSealer volumeWithRoomFor(Block block)
            throws InterruptedException, Pool.ClosedException {
        CmsSealer open = volume;
        if (open != null && open.room() >= block.memberLength()) {
            return open;
        }
        if (open != null) {
            seal(open, block.archive());
        }
        CmsSealer next = buffers.take();
        next.begin(key);
        volume = next;
        volumeContentBytes = 0;
        return next;
    }

    private void seal(CmsSealer sealer, ArchiveInProgress archive) {
        ObjectKey name = names.volume(archive.name(), archive.volumeCount());
        ArchiveInProgress.VolumeInProgress slice = archive.addVolume(volumeContentBytes);
        ByteBuffer content = sealer.seal();
        volume = null;
        uploadStarts.run();
        uploads.upload(name, sealer, content, slice, uploadEnds);
    }
}

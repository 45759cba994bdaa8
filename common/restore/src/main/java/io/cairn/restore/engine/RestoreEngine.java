package io.cairn.restore.engine;

import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.contents.ArchiveMap;
import io.cairn.restore.contents.ContentReader;
import io.cairn.restore.contents.ContentVisitor;
import io.cairn.restore.contents.OpenedBackup;
import io.cairn.restore.contents.PartFailure;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.target.TargetErrors;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Restores a planned backup. Volumes are fetched, decrypted, inflated and written at their files'
 * offsets by several threads at once, with no copy in between; every file is compared with the
 * server's manifest and made durable.
 *
 * <p>Until it has succeeded the directory holds a marker ({@link
 * io.cairn.restore.target.TargetDirectory#MARKER}) and lacks {@code PG_VERSION} and {@code
 * global/pg_control}, so that no server starts on it. Run again, a restore that failed or was
 * killed keeps the files that are complete by the manifest's checksums, and does not fetch what
 * holds nothing else.
 *
 * <p>A volume that one store lacks, or has with other bytes, is read from the next copy: what all
 * copies together hold is enough.
 *
 * <p>Thread-safe. Memory: {@link io.cairn.restore.contents.ReadSettings#memoryBytes()}, and 2 kB a
 * file.
 */
public final class RestoreEngine {

    private final RestoreSettings settings;

    public RestoreEngine(RestoreSettings settings) {
        this.settings = settings;
    }

    /**
     * @throws CairnException {@link ErrorCode#MANIFEST_MISMATCH} naming the file, {@link
     *     ErrorCode#ARCHIVE_CORRUPT} naming the object, {@code STORE_…}, {@code TARGET_…}
     * @throws InterruptedException if the calling thread was interrupted; nothing writes any more
     */
    public RestoreResult restore(RestorePlan plan, RestoreProgress progress)
            throws InterruptedException {
        long start = System.nanoTime();
        plan.space().requireFree();
        long fetched;
        long kept;
        Queue<ContentReader.PassedOver> passedOver = new ConcurrentLinkedQueue<>();
        try (RestoreTarget target = RestoreTarget.claim(plan, settings.syncThreads())) {
            fetched = plan.bytesToFetch() - write(plan, target, progress, passedOver::add);
            kept = target.bytesKept();
            target.publish();
        } catch (IOException e) {
            throw TargetErrors.of(plan.directory(), e);
        }
        return new RestoreResult(
                plan.commit(),
                plan.storeName(),
                plan.directory(),
                fetched,
                plan.bytesToWrite(),
                kept,
                plan.files(),
                Duration.ofNanos(System.nanoTime() - start),
                List.copyOf(passedOver));
    }

    /** Returns how many stored bytes were not needed. */
    private long write(
            RestorePlan plan,
            RestoreTarget target,
            RestoreProgress progress,
            Consumer<ContentReader.PassedOver> passedOver)
            throws InterruptedException {
        AtomicLong spared = new AtomicLong();
        AtomicLong written = new AtomicLong();
        long total = plan.bytesToWrite();
        for (int number = 0; number < plan.chain().size(); number++) {
            OpenedBackup backup = plan.chain().get(number);
            int link = number;
            Optional<PartFailure> failure =
                    new ContentReader(backup.copies(), settings.reading(), passedOver)
                            .read(
                                    backup.contents(),
                                    new ContentReader.Visitors() {
                                        @Override
                                        public ContentVisitor of(
                                                ArchiveMap archive, Volume volume) {
                                            return target.writer(
                                                    link,
                                                    archive,
                                                    bytes ->
                                                            progress.advanced(
                                                                    written.addAndGet(bytes),
                                                                    total));
                                        }

                                        @Override
                                        public boolean wants(ArchiveMap archive, Volume volume) {
                                            boolean wanted = target.wants(link, archive, volume);
                                            if (!wanted) {
                                                spared.addAndGet(volume.object().length());
                                                progress.advanced(
                                                        written.addAndGet(
                                                                archive.contentIn(volume)),
                                                        total);
                                            }
                                            return wanted;
                                        }
                                    });
            if (failure.isPresent()) {
                throw failure.get().cause();
            }
        }
        if (written.get() != total) {
            throw CairnException.bug(
                    "wrote " + written + " of " + total + " bytes, yet reached the end");
        }
        return spared.get();
    }
}

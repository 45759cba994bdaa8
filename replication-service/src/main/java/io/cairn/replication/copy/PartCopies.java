package io.cairn.replication.copy;

import io.cairn.model.StoreName;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.storage.InOrder;
import io.cairn.storage.ObjectStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one backup, some at a time. The first that cannot be copied ends it, after those
 * that are under way.
 */
final class PartCopies {

    private final ObjectCopies copies;
    private final ObjectStore source;
    private final int parallel;
    private final LongAdder bytes = new LongAdder();
    private final AtomicReference<BackupCopy.@Nullable Refused> refusal = new AtomicReference<>();

    /**
     * @param bytes what had to be moved
     * @param refusal the first part that is missing or wrong, if one is
     */
    record Result(long bytes, Optional<BackupCopy.Refused> refusal) {}

    PartCopies(ObjectCopies copies, ObjectStore source, int parallel) {
        this.copies = copies;
        this.source = source;
        this.parallel = parallel;
    }

    Result copyAll(List<StoredObject> parts) throws InterruptedException {
        InOrder.each(parts, parallel, this::copy);
        return new Result(bytes.sum(), Optional.ofNullable(refusal.get()));
    }

    private boolean copy(StoredObject part) throws InterruptedException {
        return switch (copies.copy(part, source)) {
            case CopyOutcome.Copied copied -> {
                bytes.add(copied.bytes());
                yield true;
            }
            case CopyOutcome.Present _ -> true;
            case CopyOutcome.Missing missing -> refuse(source.name(), part, missing.why());
            case CopyOutcome.SourceDamaged damaged -> refuse(source.name(), part, damaged.why());
            case CopyOutcome.TargetDiffers differs ->
                    refuse(copies.target().name(), part, differs.why());
        };
    }

    private boolean refuse(StoreName store, StoredObject part, CairnException why) {
        refusal.compareAndSet(
                null, new BackupCopy.Refused(store, part.key(), Optional.empty(), why));
        return false;
    }
}

package io.cairn.replication.copy;

import io.cairn.model.error.CairnException;

/** How the copy of one object ended. A store that is away is not an outcome but a thrown error. */
public sealed interface CopyOutcome {

    /** It is in the target now. */
    record Copied(long bytes) implements CopyOutcome {}

    /** It was in the target already, with the same length and digest. */
    record Present() implements CopyOutcome {}

    /** It is not in the source. */
    record Missing(CairnException why) implements CopyOutcome {}

    /** The source's bytes are not those that were stored. Nothing was written. */
    record SourceDamaged(CairnException why) implements CopyOutcome {}

    /** The target holds something else under this key. It was left alone. */
    record TargetDiffers(CairnException why) implements CopyOutcome {}
}

package io.cairn.storage;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;

/** How a conditional PUT ended. */
public sealed interface PutOutcome {

    /** What now lies under the key. */
    ObjectInfo info();

    /** This call stored it. */
    record Created(ObjectInfo info) implements PutOutcome {}

    /**
     * It was there already with the same digest: an earlier try whose answer was lost, or another
     * writer's same bytes.
     */
    record AlreadyPresent(ObjectInfo info) implements PutOutcome {}

    /** Something else lies there, and was left alone. */
    record Different(ObjectInfo info) implements PutOutcome {}

    /**
     * For the keys nobody else can hold.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_DIFFERS} if {@link Different}
     */
    default ObjectInfo orThrow() {
        return switch (this) {
            case Created created -> created.info();
            case AlreadyPresent present -> present.info();
            case Different(ObjectInfo info) ->
                    throw new CairnException(
                            ErrorCode.STORE_OBJECT_DIFFERS,
                            info.key() + " holds other bytes than those to be stored",
                            "nothing was overwritten; find out who wrote it at "
                                    + info.lastModified());
        };
    }
}

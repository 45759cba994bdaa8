package io.cairn.restore.verify;

import io.cairn.restore.contents.PartFailure;

/** Ends a verification: a part is not what it has to be. */
final class FailedPart extends Exception {

    final transient PartFailure failure;

    FailedPart(PartFailure failure) {
        super(failure.cause());
        this.failure = failure;
    }
}

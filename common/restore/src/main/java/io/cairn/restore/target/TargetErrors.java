package io.cairn.restore.target;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;

/** What an operating system's refusal means for whoever asked for the restore. */
public final class TargetErrors {

    private TargetErrors() {}

    public static CairnException of(Path path, IOException e) {
        String reason = e.getMessage() == null ? e.toString() : e.getMessage();
        // The JDK has no exception of its own for ENOSPC and EDQUOT; these are the C library's
        // texts.
        if (reason.contains("No space left on device") || reason.contains("Disk quota exceeded")) {
            return new CairnException(
                    ErrorCode.TARGET_NO_SPACE,
                    "no space left for " + path,
                    "free space there, or name another directory",
                    e);
        }
        if (e instanceof AccessDeniedException) {
            return new CairnException(
                    ErrorCode.TARGET_UNWRITABLE,
                    "cannot write " + path + ": permission denied",
                    "run as a user who may write there",
                    e);
        }
        return new CairnException(
                ErrorCode.TARGET_UNWRITABLE,
                "cannot write " + path + ": " + reason,
                "check the file system, or name a directory on another one",
                e);
    }
}

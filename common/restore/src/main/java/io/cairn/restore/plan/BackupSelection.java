package io.cairn.restore.plan;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;

/** Which backup is meant. */
public sealed interface BackupSelection {

    /** The newest that can be restored by itself and is not damaged. */
    record Latest() implements BackupSelection {}

    record Labelled(BackupLabel label) implements BackupSelection {}

    /** One of two attempts at a label's run that were both committed. */
    record Attempt(BackupLabel label, AttemptId attempt) implements BackupSelection {}

    /** {@code latest}, a label, or {@code LABEL@ATTEMPT}. */
    static BackupSelection parse(String text) {
        if (text.equals("latest")) {
            return new Latest();
        }
        int at = text.indexOf('@');
        return at < 0
                ? new Labelled(new BackupLabel(text))
                : new Attempt(
                        new BackupLabel(text.substring(0, at)),
                        new AttemptId(text.substring(at + 1)));
    }
}

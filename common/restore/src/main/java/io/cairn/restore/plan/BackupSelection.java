package io.cairn.restore.plan;

import io.cairn.model.BackupLabel;

/** Which backup is meant. */
public sealed interface BackupSelection {

    /** The newest that can be restored by itself and is not damaged. */
    record Latest() implements BackupSelection {}

    record Labelled(BackupLabel label) implements BackupSelection {}

    /** {@code latest}, or a label. */
    static BackupSelection parse(String text) {
        return text.equals("latest") ? new Latest() : new Labelled(new BackupLabel(text));
    }
}

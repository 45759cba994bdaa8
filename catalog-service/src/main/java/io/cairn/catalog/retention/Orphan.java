package io.cairn.catalog.retention;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;

/**
 * An attempt that no commit object in any store names, and to which nothing is written any more.
 */
public record Orphan(BackupLabel label, AttemptId attempt) {}

package io.cairn.catalog.backup.rest;

import java.util.List;

/**
 * A backup with its history.
 *
 * @param history what was found out about its copies, oldest first
 */
record BackupDetail(BackupView backup, List<RecordView> history) {}

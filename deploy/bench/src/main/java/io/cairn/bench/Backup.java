package io.cairn.bench;

/** A measured backup. */
record Backup(Cost cost, Contender.BackupSize size) {}

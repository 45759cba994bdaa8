package io.cairn.bench.backup;

import io.cairn.bench.Cost;

/** A measured backup. */
record Backup(Cost cost, Contender.BackupSize size) {}

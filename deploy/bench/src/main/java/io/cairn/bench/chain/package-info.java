/**
 * Measures the restore of a full backup with incrementals on top of it beside PostgreSQL's own way:
 * every backup unpacked, then {@code pg_combinebackup}.
 */
@NullMarked
package io.cairn.bench.chain;

import org.jspecify.annotations.NullMarked;

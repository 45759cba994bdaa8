/**
 * Streams clusters' WAL into object storage: from a replication slot, in segments and pieces, and
 * tells the server what is durable there.
 */
@NullMarked
package io.cairn.executor.wal;

import org.jspecify.annotations.NullMarked;

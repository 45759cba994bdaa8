/**
 * Measures WAL: archived beside pgBackRest and {@code pg_receivewal}, replayed as it is fetched
 * beside replay from the local disk, and what a commit costs that waits for the store.
 */
@NullMarked
package io.cairn.bench.wal;

import org.jspecify.annotations.NullMarked;

/**
 * Keeps a cluster's WAL the same in all stores of its policy, whichever of them its stream is
 * stored in at the moment.
 */
@NullMarked
package io.cairn.replication.wal;

import org.jspecify.annotations.NullMarked;

/** Comparing the stores of each cluster with each other when it is due, and repairing them. */
@NullMarked
package io.cairn.replication.sync;

import org.jspecify.annotations.NullMarked;

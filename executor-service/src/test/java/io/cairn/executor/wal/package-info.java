/** Streams, against servers and stores that fail on demand, and against real ones. */
@NullMarked
package io.cairn.executor.wal;

import org.jspecify.annotations.NullMarked;

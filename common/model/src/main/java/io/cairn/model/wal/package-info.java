/** Positions and names in the write-ahead log, and the keys its stored objects lie under. */
@NullMarked
package io.cairn.model.wal;

import org.jspecify.annotations.NullMarked;

/** Stored WAL as it is read back: what there is, what is missing, and the bytes of a segment. */
@NullMarked
package io.cairn.restore.wal;

import org.jspecify.annotations.NullMarked;

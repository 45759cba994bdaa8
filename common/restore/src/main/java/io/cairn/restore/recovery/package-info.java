/** Replaying stored WAL into a restored directory, up to a point that somebody chose. */
@NullMarked
package io.cairn.restore.recovery;

import org.jspecify.annotations.NullMarked;

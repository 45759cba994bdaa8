/** Restore drills: a real server booted from a backup, in a scratch directory, and read in full. */
@NullMarked
package io.cairn.restore.drill;

import org.jspecify.annotations.NullMarked;

/**
 * Copying: parts while the backup still runs, then whatever is left, and the commit object last.
 * Until that is there, the copy is not listed.
 */
@NullMarked
package io.cairn.replication.copy;

import org.jspecify.annotations.NullMarked;

/**
 * What lies in the stores, read from the bucket alone: backups, who wrote them, whether they are
 * complete.
 */
@NullMarked
package io.cairn.restore.backup;

import org.jspecify.annotations.NullMarked;

/**
 * Restoring: a backup's files written to their places by several threads, straight from the decoded
 * volumes.
 */
@NullMarked
package io.cairn.restore.engine;

import org.jspecify.annotations.NullMarked;

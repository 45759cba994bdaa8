/**
 * Restoring: from the bucket and a key alone to a directory that PostgreSQL starts on, and the
 * proofs that it does.
 */
@NullMarked
package io.cairn.restore;

import org.jspecify.annotations.NullMarked;

/**
 * Whether a cluster can be backed up, found out by trying, with the remedy for everything that is
 * missing.
 */
@NullMarked
package io.cairn.postgres.preflight;

import org.jspecify.annotations.NullMarked;

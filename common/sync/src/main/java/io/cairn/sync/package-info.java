/**
 * Compares the stores of a cluster with each other, reads them again in turns, and repairs what
 * differs from the copy that is proven to be right.
 */
@NullMarked
package io.cairn.sync;

import org.jspecify.annotations.NullMarked;

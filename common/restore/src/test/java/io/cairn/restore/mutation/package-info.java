/** A test of the validator itself: whatever is changed in a store, it has to find something. */
@NullMarked
package io.cairn.restore.mutation;

import org.jspecify.annotations.NullMarked;

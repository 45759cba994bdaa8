/** What a stored backup is: its commit object and the keys its parts live under. */
@NullMarked
package io.cairn.model.backup;

import org.jspecify.annotations.NullMarked;

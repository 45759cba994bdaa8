/** The run: from a due event to a committed base backup. */
@NullMarked
package io.cairn.executor.basebackup;

import org.jspecify.annotations.NullMarked;

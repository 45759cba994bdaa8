/** How far a run is. */
@NullMarked
package io.cairn.executor.progress;

import org.jspecify.annotations.NullMarked;

/** A short month, for every build. */
@NullMarked
package io.cairn.bench.month;

import org.jspecify.annotations.NullMarked;

/** Events become facts, facts become rows. */
@NullMarked
package io.cairn.catalog.projection;

import org.jspecify.annotations.NullMarked;

/** The one exception, its stable codes and their categories. */
@NullMarked
package io.cairn.model.error;

import org.jspecify.annotations.NullMarked;

/** Lists in pages. */
@NullMarked
package io.cairn.catalog.paging;

import org.jspecify.annotations.NullMarked;

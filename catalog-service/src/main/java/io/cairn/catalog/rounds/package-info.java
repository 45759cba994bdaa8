/** What the catalog does by itself, and when. */
@NullMarked
package io.cairn.catalog.rounds;

import org.jspecify.annotations.NullMarked;

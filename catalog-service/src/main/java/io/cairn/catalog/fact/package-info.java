/** What is known of a thing, told by events in any order and any number of times. */
@NullMarked
package io.cairn.catalog.fact;

import org.jspecify.annotations.NullMarked;

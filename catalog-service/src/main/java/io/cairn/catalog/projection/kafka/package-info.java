/** The topics as a SmallRye channel. */
@NullMarked
package io.cairn.catalog.projection.kafka;

import org.jspecify.annotations.NullMarked;

/** What the record says, as gauges. */
@NullMarked
package io.cairn.catalog.metrics;

import org.jspecify.annotations.NullMarked;

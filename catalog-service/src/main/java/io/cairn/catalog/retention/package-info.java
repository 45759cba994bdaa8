/**
 * What expires: planned from the buckets of every store, and removed from all of them.
 *
 * <p>{@link io.cairn.catalog.retention.RetentionPlanner} decides and knows no store; {@link
 * io.cairn.catalog.retention.Retention} reads the buckets, asks it, and removes.
 */
@NullMarked
package io.cairn.catalog.retention;

import org.jspecify.annotations.NullMarked;

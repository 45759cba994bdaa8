/**
 * Legal holds: records that say what must not be deleted, and the holds that a store puts on the
 * objects.
 */
@NullMarked
package io.cairn.catalog.hold;

import org.jspecify.annotations.NullMarked;

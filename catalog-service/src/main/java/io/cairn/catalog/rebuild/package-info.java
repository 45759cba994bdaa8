/** What the buckets tell: rebuilding the record from them, and finding what no event told of. */
@NullMarked
package io.cairn.catalog.rebuild;

import org.jspecify.annotations.NullMarked;

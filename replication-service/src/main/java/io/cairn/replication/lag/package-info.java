/** How far a store is behind its source. */
@NullMarked
package io.cairn.replication.lag;

import org.jspecify.annotations.NullMarked;

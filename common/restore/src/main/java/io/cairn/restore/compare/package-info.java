/** Comparing the content of two clusters, table by table. */
@NullMarked
package io.cairn.restore.compare;

import org.jspecify.annotations.NullMarked;

/** The protected clusters and whether they are protected. */
@NullMarked
package io.cairn.catalog.cluster;

import org.jspecify.annotations.NullMarked;

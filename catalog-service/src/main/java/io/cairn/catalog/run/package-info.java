/** Runs: one due time of one kind for one cluster, from its request to its end. */
@NullMarked
package io.cairn.catalog.run;

import org.jspecify.annotations.NullMarked;

/** Which store has to hold copies of what. */
@NullMarked
package io.cairn.replication.route;

import org.jspecify.annotations.NullMarked;

/** Whether stores take what is written, who decides that one is left, and what brings it back. */
@NullMarked
package io.cairn.replication.region;

import org.jspecify.annotations.NullMarked;

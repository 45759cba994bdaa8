/**
 * What is published now: due times that came since the last look, and requests. A pure function of
 * the plan, of what the scheduler remembers, and of the time.
 */
@NullMarked
package io.cairn.scheduler.firing;

import org.jspecify.annotations.NullMarked;

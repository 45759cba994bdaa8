/** Turns tier policies and requests into due events, exactly once per due time. */
@NullMarked
package io.cairn.scheduler;

import org.jspecify.annotations.NullMarked;

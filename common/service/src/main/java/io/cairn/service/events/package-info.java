/** Telling facts: blocking, acknowledged publishing. */
@NullMarked
package io.cairn.service.events;

import org.jspecify.annotations.NullMarked;

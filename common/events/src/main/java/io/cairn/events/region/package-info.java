/** Which stores are in service, as {@code cairn.regions} tells it. */
@NullMarked
package io.cairn.events.region;

import org.jspecify.annotations.NullMarked;

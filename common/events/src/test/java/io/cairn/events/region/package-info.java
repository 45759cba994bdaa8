@NullMarked
package io.cairn.events.region;

import org.jspecify.annotations.NullMarked;

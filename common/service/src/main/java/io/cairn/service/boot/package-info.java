/** Starting, and failing to start in one line. */
@NullMarked
package io.cairn.service.boot;

import org.jspecify.annotations.NullMarked;

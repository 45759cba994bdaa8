/** The topics as they must be, and whether the broker answers. */
@NullMarked
package io.cairn.service.kafka;

import org.jspecify.annotations.NullMarked;

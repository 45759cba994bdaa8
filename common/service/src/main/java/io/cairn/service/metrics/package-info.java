/** The names of what is measured. */
@NullMarked
package io.cairn.service.metrics;

import org.jspecify.annotations.NullMarked;

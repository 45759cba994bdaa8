@NullMarked
package io.cairn.catalog.projection.kafka;

import org.jspecify.annotations.NullMarked;

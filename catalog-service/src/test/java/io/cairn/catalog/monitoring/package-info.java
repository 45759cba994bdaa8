@NullMarked
package io.cairn.catalog.monitoring;

import org.jspecify.annotations.NullMarked;

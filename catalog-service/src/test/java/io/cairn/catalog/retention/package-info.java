@NullMarked
package io.cairn.catalog.retention;

import org.jspecify.annotations.NullMarked;

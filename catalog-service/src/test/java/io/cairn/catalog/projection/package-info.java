@NullMarked
package io.cairn.catalog.projection;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.cairn.catalog.hold;

import org.jspecify.annotations.NullMarked;

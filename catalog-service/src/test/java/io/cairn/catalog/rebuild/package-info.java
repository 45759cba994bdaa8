@NullMarked
package io.cairn.catalog.rebuild;

import org.jspecify.annotations.NullMarked;

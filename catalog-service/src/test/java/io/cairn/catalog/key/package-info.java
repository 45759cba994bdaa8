@NullMarked
package io.cairn.catalog.key;

import org.jspecify.annotations.NullMarked;

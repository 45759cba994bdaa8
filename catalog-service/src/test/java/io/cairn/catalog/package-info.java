@NullMarked
package io.cairn.catalog;

import org.jspecify.annotations.NullMarked;

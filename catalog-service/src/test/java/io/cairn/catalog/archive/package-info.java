@NullMarked
package io.cairn.catalog.archive;

import org.jspecify.annotations.NullMarked;

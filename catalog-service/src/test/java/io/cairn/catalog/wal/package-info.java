@NullMarked
package io.cairn.catalog.wal;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.cairn.model.wal;

import org.jspecify.annotations.NullMarked;

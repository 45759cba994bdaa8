@NullMarked
package io.cairn.restore.wal;

import org.jspecify.annotations.NullMarked;

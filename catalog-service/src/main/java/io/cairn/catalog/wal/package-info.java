/** What WAL is stored, and which moments can be recovered with it. */
@NullMarked
package io.cairn.catalog.wal;

import org.jspecify.annotations.NullMarked;

/** How far the second store is behind the first, with backups and with WAL. */
@NullMarked
package io.cairn.bench.replication;

import org.jspecify.annotations.NullMarked;

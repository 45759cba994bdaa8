/** A cluster's WAL as PostgreSQL really sends it. */
@NullMarked
package io.cairn.executor.wal.postgres;

import org.jspecify.annotations.NullMarked;

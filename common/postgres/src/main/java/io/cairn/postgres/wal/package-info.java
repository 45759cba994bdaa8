/** WAL as a server sends it: replication slots, the stream, and the history of timelines. */
@NullMarked
package io.cairn.postgres.wal;

import org.jspecify.annotations.NullMarked;

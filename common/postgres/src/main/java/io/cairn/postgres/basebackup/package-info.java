/**
 * A base backup, streamed from the server by the replication protocol: tar archives and the
 * server's manifest.
 */
@NullMarked
package io.cairn.postgres.basebackup;

import org.jspecify.annotations.NullMarked;

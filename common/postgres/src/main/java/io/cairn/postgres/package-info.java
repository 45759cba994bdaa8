/** PostgreSQL as a source of backups: connections to a cluster, base backups over the replication protocol, manifests. */
@NullMarked
package io.cairn.postgres;

import org.jspecify.annotations.NullMarked;

/**
 * Connections to a protected cluster: finding the primary, the replication protocol, the run's
 * fence, errors with hints.
 */
@NullMarked
package io.cairn.postgres.connection;

import org.jspecify.annotations.NullMarked;

/**
 * PostgreSQL's own programs: where they are, and servers booted from a data directory on this
 * machine.
 */
@NullMarked
package io.cairn.postgres.server;

import org.jspecify.annotations.NullMarked;

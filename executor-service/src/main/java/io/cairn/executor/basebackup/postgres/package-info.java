/** The source as it really is: a session of the replication protocol. */
@NullMarked
package io.cairn.executor.basebackup.postgres;

import org.jspecify.annotations.NullMarked;

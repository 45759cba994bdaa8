package io.cairn.postgres.connection;

import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;

/**
 * What {@code IDENTIFY_SYSTEM} says.
 *
 * @param flushed the WAL position flushed to disk
 */
public record ServerIdentity(SystemIdentifier systemIdentifier, Timeline timeline, Lsn flushed) {}

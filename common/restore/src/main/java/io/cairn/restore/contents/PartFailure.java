package io.cairn.restore.contents;

import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;

/**
 * What stopped the reading of a backup.
 *
 * @param object the part that was being read
 */
public record PartFailure(ObjectKey object, CairnException cause) {}

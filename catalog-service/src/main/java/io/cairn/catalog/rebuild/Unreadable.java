package io.cairn.catalog.rebuild;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;

/** An object that is not what its key says. */
public record Unreadable(StoreName store, ObjectKey key, CairnException reason) {}

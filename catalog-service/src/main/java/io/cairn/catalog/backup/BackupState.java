package io.cairn.catalog.backup;

import java.util.Locale;

/** How much a committed backup is worth; the first that holds, in this order. */
public enum BackupState {
    /** Pages failed their checksum at the source. */
    DAMAGED,
    /** Its keys were removed on purpose: nothing opens it again. */
    SHREDDED,
    /** A copy was found wrong, or a drill from it failed, and nothing later refuted that. */
    INVALID,
    /** Verified, and complete in every copy of its tier's policy. */
    PROTECTED,
    /** Every stored byte of a copy was proven. */
    VERIFIED,
    /** Committed, not proven yet. */
    COMPLETE;

    /** As the API writes it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package io.cairn.model.archival;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Locale;

/** How fast, and at what price, S3 makes an archived object readable. */
public enum RetrievalTier {
    /** Minutes; not from {@link StorageClass#DEEP_ARCHIVE}, and only while S3 has capacity. */
    EXPEDITED,
    /** Hours. */
    STANDARD,
    /** The cheapest: up to half a day, two days from {@link StorageClass#DEEP_ARCHIVE}. */
    BULK;

    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws CairnException {@link ErrorCode#NAME_INVALID}
     */
    public static RetrievalTier parse(String id) {
        for (RetrievalTier tier : values()) {
            if (tier.id().equals(id)) {
                return tier;
            }
        }
        throw new CairnException(
                ErrorCode.NAME_INVALID,
                "'" + id + "' is not a retrieval tier",
                "use expedited, standard or bulk");
    }

    @Override
    public String toString() {
        return id();
    }
}

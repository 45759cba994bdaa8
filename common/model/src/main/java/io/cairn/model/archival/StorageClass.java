package io.cairn.model.archival;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * S3's storage classes that a policy may name (Amazon S3 User Guide, "Understanding and managing
 * Amazon S3 storage classes").
 */
public enum StorageClass {
    STANDARD(0, false),
    STANDARD_IA(30, false),
    ONEZONE_IA(30, false),
    /** Archived, yet read like the standard class. */
    GLACIER_IR(90, false),
    /** S3 Glacier Flexible Retrieval. */
    GLACIER(90, true),
    DEEP_ARCHIVE(180, true);

    private final int minimumDays;
    private final boolean archived;

    StorageClass(int minimumDays, boolean archived) {
        this.minimumDays = minimumDays;
        this.archived = archived;
    }

    /** What is deleted earlier is billed for so long all the same. */
    public Duration minimum() {
        return Duration.ofDays(minimumDays);
    }

    /** Whether an object has to be thawed before it can be read. */
    public boolean archived() {
        return archived;
    }

    /**
     * The longest that S3 says a thaw takes (S3 User Guide, "Understanding archive retrieval
     * options"); empty where the class knows no such retrieval.
     */
    public Optional<Duration> thawTime(RetrievalTier tier) {
        return switch (this) {
            case STANDARD, STANDARD_IA, ONEZONE_IA, GLACIER_IR -> Optional.of(Duration.ZERO);
            case GLACIER ->
                    switch (tier) {
                        case EXPEDITED -> Optional.of(Duration.ofMinutes(5));
                        case STANDARD -> Optional.of(Duration.ofHours(5));
                        case BULK -> Optional.of(Duration.ofHours(12));
                    };
            case DEEP_ARCHIVE ->
                    switch (tier) {
                        case EXPEDITED -> Optional.empty();
                        case STANDARD -> Optional.of(Duration.ofHours(12));
                        case BULK -> Optional.of(Duration.ofDays(2));
                    };
        };
    }

    /**
     * @throws CairnException {@link ErrorCode#NAME_INVALID}
     */
    public static StorageClass parse(String name) {
        return find(name)
                .orElseThrow(() ->
                        new CairnException(
                                ErrorCode.NAME_INVALID,
                                "'" + name + "' is not a storage class",
                                "use "
                                        + Arrays.stream(values())
                                                .map(Enum::name)
                                                .collect(Collectors.joining(", "))));
    }

    /** The class that a store names so; empty for one that is not S3's, or not of these. */
    public static Optional<StorageClass> find(String name) {
        return Arrays.stream(values()).filter(each -> each.name().equals(name)).findFirst();
    }
}

package io.cairn.storage;

import io.cairn.model.error.CairnException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How an object is to be stored. What is not set is left to the bucket. A store that lacks what is
 * asked for refuses the object, but for tags; {@link StoreProbe} tells beforehand.
 *
 * @param storageClass S3's name, {@code STANDARD_IA}, {@code GLACIER}; absent for the bucket's
 *     default
 * @param retention Object Lock
 * @param legalHold Object Lock's legal hold, from the first byte on
 * @param tags what lifecycle rules match, at most 10
 * @param metadata user metadata besides the digest, names in lower case, at most 1 kB in all
 */
public record PutOptions(
        Optional<String> storageClass,
        Optional<Retention> retention,
        boolean legalHold,
        Map<String, String> tags,
        Map<String, String> metadata) {

    public static final PutOptions NONE =
            new PutOptions(Optional.empty(), Optional.empty(), false, Map.of(), Map.of());

    private static final Pattern CLASS = Pattern.compile("[A-Z0-9_]{1,40}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,60}");
    private static final Pattern VALUE =
            Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?");
    private static final int METADATA_BYTES = 1024;

    /** S3's limit for one object. */
    public static final int TAGS = 10;

    public PutOptions {
        tags = Map.copyOf(tags);
        metadata = Map.copyOf(metadata);
        if (tags.size() > TAGS) {
            throw CairnException.bug("an object takes at most " + TAGS + " tags");
        }
        if (storageClass.isPresent() && !CLASS.matcher(storageClass.get()).matches()) {
            throw CairnException.bug("'" + storageClass.get() + "' is not a storage class");
        }
        metadata.forEach(PutOptions::check);
        if (metadata.entrySet().stream()
                        .mapToInt(e -> e.getKey().length() + e.getValue().length())
                        .sum()
                > METADATA_BYTES) {
            throw CairnException.bug("user metadata takes at most " + METADATA_BYTES + " bytes");
        }
    }

    private static void check(String name, String value) {
        if (!NAME.matcher(name).matches()
                || !VALUE.matcher(value).matches()
                || name.equals(ObjectInfo.SHA256)) {
            throw CairnException.bug("'" + name + "' cannot be stored as user metadata");
        }
    }

    public PutOptions withStorageClass(String name) {
        return new PutOptions(Optional.of(name), retention, legalHold, tags, metadata);
    }

    public PutOptions withRetention(Retention wanted) {
        return new PutOptions(storageClass, Optional.of(wanted), legalHold, tags, metadata);
    }

    /** With this retention, or what is longer and stronger of it and the one that is set. */
    public PutOptions withAtLeast(Retention wanted) {
        return withRetention(retention.map(wanted::and).orElse(wanted));
    }

    public PutOptions withLegalHold() {
        return new PutOptions(storageClass, retention, true, tags, metadata);
    }

    /** Whether it asks for Object Lock in any way. */
    public boolean locks() {
        return retention.isPresent() || legalHold;
    }

    public PutOptions withTags(Map<String, String> wanted) {
        return new PutOptions(storageClass, retention, legalHold, wanted, metadata);
    }

    public PutOptions withMetadata(Map<String, String> wanted) {
        return new PutOptions(storageClass, retention, legalHold, tags, wanted);
    }
}

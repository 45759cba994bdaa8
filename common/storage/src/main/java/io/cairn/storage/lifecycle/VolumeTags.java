package io.cairn.storage.lifecycle;

import io.cairn.model.BackupKind;
import io.cairn.model.Tier;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tags of a volume, which the lifecycle rules of its bucket go by. Nothing but volumes has
 * them, so that nothing else is ever moved.
 */
public final class VolumeTags {

    /** {@value} is {@value #VOLUME} with every volume. */
    public static final String OBJECT = "cairn-object";

    public static final String VOLUME = "volume";
    public static final String TIER = "cairn-tier";
    public static final String KIND = "cairn-kind";

    /** Added, as {@code true}, when a restore drill of the backup has passed. */
    public static final String DRILLED = "cairn-drilled";

    private VolumeTags() {}

    public static Map<String, String> of(Tier tier, BackupKind kind) {
        return Map.of(OBJECT, VOLUME, TIER, tier.id(), KIND, kind.id());
    }

    public static Map<String, String> drilled(Tier tier, BackupKind kind) {
        Map<String, String> tags = new LinkedHashMap<>(of(tier, kind));
        tags.put(DRILLED, "true");
        return tags;
    }
}

package io.cairn.model.archival;

import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.BackupLayout;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the key of a volume says ({@link BackupLayout#volume}). */
public record VolumeKey(ClusterName cluster, BackupLabel label) {

    private static final Pattern VOLUME =
            Pattern.compile(
                    "([a-z0-9-]+)/\\d+/backups/(\\d{8}T\\d{6}Z-[FILS])/[0-9a-f]{16}/[^/]+\\.tar/\\d{6}\\.gz\\.cms");

    /** Empty for any other object's key. */
    public static Optional<VolumeKey> parse(ObjectKey key) {
        Matcher matcher = VOLUME.matcher(key.value());
        return matcher.matches()
                ? Optional.of(
                        new VolumeKey(
                                new ClusterName(matcher.group(1)),
                                new BackupLabel(matcher.group(2))))
                : Optional.empty();
    }
}

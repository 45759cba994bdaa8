package io.cairn.archive;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;

/** Names that tests use. */
final class Samples {

    static final AttemptId ATTEMPT = new AttemptId("0123456789abcdef");
    static final BackupLayout LAYOUT =
            new BackupLayout(
                    new ClusterRoot(
                            new ClusterName("shop"), SystemIdentifier.parse("7000000000000000001")),
                    new BackupLabel("20261122T020000Z-F"));
    static final VolumeNames NAMES = (archive, number) -> LAYOUT.volume(ATTEMPT, archive, number);
    static final ObjectKey KEY = new ObjectKey("shop/object");

    private Samples() {}
}

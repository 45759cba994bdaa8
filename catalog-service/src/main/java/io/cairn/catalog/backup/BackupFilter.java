package io.cairn.catalog.backup;

import io.cairn.model.ClusterName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Which backups are wanted.
 *
 * @param shredded the lives whose keys were shredded, and when: what was completed until then is in
 *     that state and no other
 */
public record BackupFilter(
        Optional<ClusterName> cluster,
        Optional<Tier> tier,
        Optional<BackupState> state,
        Map<SystemIdentifier, Instant> shredded) {

    public BackupFilter {
        shredded = Map.copyOf(shredded);
    }
}

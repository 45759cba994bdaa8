package io.cairn.catalog.run;

import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * @param states those that are wanted; empty for all
 */
public record RunFilter(
        Optional<ClusterName> cluster,
        Optional<Tier> tier,
        Optional<BackupKind> kind,
        Set<RunState> states) {

    /** For {@code active=true}. */
    public static final Set<RunState> ACTIVE = EnumSet.of(RunState.QUEUED, RunState.RUNNING);

    public RunFilter {
        states = Set.copyOf(states);
    }
}

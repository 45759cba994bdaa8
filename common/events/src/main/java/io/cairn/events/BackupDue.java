package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.policy.RunPolicy;
import java.time.Instant;

/**
 * A run is due. Carries all an executor needs beside its own configuration.
 *
 * @param startDeadline the run is skipped when it cannot start before
 * @param cause why it is due; requested runs take a fast checkpoint, all others spread it
 */
public record BackupDue(
        RunId run,
        Tier tier,
        Instant dueAt,
        Instant startDeadline,
        DueCause cause,
        RunPolicy policy)
        implements CairnEvent {

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @JsonIgnore
    public BackupKind kind() {
        return run.label().kind();
    }

    @Override
    public String deterministicId() {
        return run + ":due";
    }
}

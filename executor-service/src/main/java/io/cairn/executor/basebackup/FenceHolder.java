package io.cairn.executor.basebackup;

import java.time.Instant;
import java.util.Optional;

/**
 * The session that holds a cluster's fence.
 *
 * @param applicationName the holder's run id; another text if it is no run of ours
 * @param connectedAt when its session began
 * @param activity what it is doing
 */
public record FenceHolder(
        int pid, String applicationName, Optional<Instant> connectedAt, Activity activity) {

    /**
     * What a holder's session shows of its movement ({@code pg_stat_progress_basebackup}, {@code
     * pg_stat_activity}).
     *
     * @param serverWorks the server itself is at work, making the checkpoint or estimating: nothing
     *     moves and nobody is to blame
     * @param streamedBytes of the backup that streams now; 0 where none does
     * @param lastCommandAt when its session last began or ended a command
     */
    public record Activity(
            boolean serverWorks, long streamedBytes, Optional<Instant> lastCommandAt) {}
}

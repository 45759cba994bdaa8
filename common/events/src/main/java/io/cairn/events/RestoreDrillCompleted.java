package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.policy.RtoForecast;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A real server was restored from a backup, booted and read.
 *
 * @param rto time from the plan to the first answered query
 * @param tables tables read in full
 * @param rows rows read
 * @param amcheck whether indexes and heaps were checked by the amcheck extension
 * @param restored what was restored
 * @param pointInTime where replay of WAL ended; absent if the backup alone was drilled
 * @param forecast how long a restore will take as the cluster grows, where that can be told
 */
public record RestoreDrillCompleted(
        RunId run,
        AttemptId attempt,
        StoreName store,
        Instant startedAt,
        Instant completedAt,
        Duration rto,
        Duration rtoObjective,
        int databases,
        long tables,
        long rows,
        boolean amcheck,
        Optional<Restored> restored,
        Optional<PointInTime> pointInTime,
        Optional<RtoForecast> forecast)
        implements CairnEvent {

    /**
     * @param chain labels of the backups, the full one first
     * @param bytes of files and blocks that were written
     */
    public record Restored(List<BackupLabel> chain, long bytes) {

        public Restored {
            chain = List.copyOf(chain);
        }
    }

    /**
     * @param target the moment that was chosen
     * @param reached end of the last record that was replayed
     * @param walBytes from the start of the backup to there
     */
    public record PointInTime(Instant target, Lsn reached, long walBytes) {}

    public RestoreDrillCompleted with(RtoForecast found) {
        return new RestoreDrillCompleted(
                run,
                attempt,
                store,
                startedAt,
                completedAt,
                rto,
                rtoObjective,
                databases,
                tables,
                rows,
                amcheck,
                restored,
                pointInTime,
                Optional.of(found));
    }

    @JsonIgnore
    public ClusterName cluster() {
        return run.cluster();
    }

    @Override
    public String deterministicId() {
        return run + ":" + attempt + ":" + store + ":drilled:" + completedAt;
    }
}

package io.cairn.executor.platform;

import io.cairn.events.BackupDue;
import io.cairn.events.DueCause;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.policy.RunPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Due events as a request makes them, to be started within the hour. */
public final class Dues {

    private Dues() {}

    /** Into the primary store, with gzip level 6. */
    public static BackupDue of(ClusterName cluster, Tier tier, BackupKind kind, Instant dueAt) {
        return of(cluster, tier, kind, dueAt, Platform.PRIMARY, 6);
    }

    public static BackupDue of(
            ClusterName cluster,
            Tier tier,
            BackupKind kind,
            Instant dueAt,
            StoreName store,
            int gzipLevel) {
        return of(cluster, tier, kind, dueAt, List.of(store), gzipLevel);
    }

    /** Into the first of the stores that takes it. */
    public static BackupDue of(
            ClusterName cluster,
            Tier tier,
            BackupKind kind,
            Instant dueAt,
            List<StoreName> stores,
            int gzipLevel) {
        return new BackupDue(
                new RunId(cluster, BackupLabel.of(dueAt, kind)),
                tier,
                dueAt,
                Instant.now().plus(Duration.ofHours(1)),
                DueCause.REQUESTED,
                new RunPolicy(
                        Duration.ofDays(90),
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(15),
                        stores,
                        gzipLevel,
                        RunPolicy.VOLUME_BYTES_MIN));
    }
}

package io.cairn.catalog.sql;

import io.cairn.catalog.cluster.StoredWal;
import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.wal.ArchivedWal;
import io.cairn.catalog.wal.RecoveryBase;
import io.cairn.catalog.wal.StoredHistory;
import io.cairn.catalog.wal.TimelineSwitch;
import io.cairn.catalog.wal.WalGap;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.wal.RecoverableWindow;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** What is stored of every cluster's WAL, and what can be recovered with it. */
final class StoredWalQuery {

    /** A log backup holds nothing that a recovery could begin with. */
    private static final String BASES =
            """
            select new io.cairn.catalog.sql.StoredWalQuery$BaseRow(
                r.cluster, c.store, r.systemIdentifier, r.label, r.parent, r.timeline, r.walFrom, r.startLsn,
                r.stopLsn, r.startedAt, r.completedAt, c.drilledAt, c.rtoMillis)
            from BackupRow r join CopyRow c on c.backup = r.id
            where not r.damaged and c.complete and not c.invalid and r.label not like '%-L'\
            """;

    private StoredWalQuery() {}

    /** What a base is made of. */
    record BaseRow(
            String cluster,
            String store,
            String systemIdentifier,
            String label,
            @Nullable String parent,
            int timeline,
            @Nullable String walFrom,
            String startLsn,
            String stopLsn,
            Instant startedAt,
            Instant completedAt,
            @Nullable Instant drilledAt,
            @Nullable Long rtoMillis) {

        RecoveryBase base() {
            return new RecoveryBase(
                    new StoreName(store),
                    SystemIdentifier.parse(systemIdentifier),
                    new BackupLabel(label),
                    Optional.ofNullable(parent).map(BackupLabel::new),
                    new Timeline(timeline),
                    Lsn.parse(walFrom == null ? startLsn : walFrom),
                    Lsn.parse(stopLsn),
                    startedAt,
                    completedAt,
                    proof());
        }

        private Optional<RecoverableWindow.Proof> proof() {
            return drilledAt == null || rtoMillis == null
                    ? Optional.empty()
                    : Optional.of(
                            new RecoverableWindow.Proof(
                                    new BackupLabel(label),
                                    drilledAt,
                                    Duration.ofMillis(rtoMillis)));
        }
    }

    private record Found(
            List<ArchivedWal> archived,
            List<WalGap> gaps,
            List<TimelineSwitch> switches,
            List<BaseRow> bases) {

        Map<ClusterName, StoredWal> byCluster() {
            Map<ClusterName, List<ArchivedWal>> wal = by(archived, ArchivedWal::cluster);
            Map<ClusterName, List<WalGap>> holes = by(gaps, WalGap::cluster);
            Map<ClusterName, List<TimelineSwitch>> forks = by(switches, TimelineSwitch::cluster);
            Map<ClusterName, List<BaseRow>> begin =
                    by(bases, base -> new ClusterName(base.cluster()));
            TreeSet<ClusterName> names =
                    Stream.of(wal, holes, begin)
                            .flatMap(map -> map.keySet().stream())
                            .collect(Collectors.toCollection(TreeSet::new));
            Map<ClusterName, StoredWal> all = new TreeMap<>();
            for (ClusterName name : names) {
                List<ArchivedWal> ofThis = wal.getOrDefault(name, List.of());
                List<WalGap> gapsOfThis = holes.getOrDefault(name, List.of());
                StoredHistory history =
                        new StoredHistory(ofThis, gapsOfThis, forks.getOrDefault(name, List.of()));
                all.put(
                        name,
                        new StoredWal(
                                history.windows(
                                        begin.getOrDefault(name, List.of()).stream()
                                                .map(BaseRow::base)
                                                .toList()),
                                ofThis,
                                gapsOfThis));
            }
            return all;
        }

        private static <T> Map<ClusterName, List<T>> by(
                List<T> all, Function<T, ClusterName> cluster) {
            return all.stream().collect(Collectors.groupingBy(cluster));
        }
    }

    static Uni<Map<ClusterName, StoredWal>> all(Mutiny.Session session) {
        return Uni.combine()
                .all()
                .unis(
                        facts(session, "from ArchivedWalRow order by id", ArchivedWalRow.class),
                        facts(session, "from WalGapRow order by detectedAt, id", WalGapRow.class),
                        facts(
                                session,
                                "from TimelineSwitchRow order by id",
                                TimelineSwitchRow.class),
                        session.createSelectionQuery(BASES, BaseRow.class).getResultList())
                // A session does one thing at a time.
                .usingConcurrencyOf(1)
                .with(Found::new)
                .map(Found::byCluster);
    }

    private static <F extends Fact<F>, R extends FactRow<F>> Uni<List<F>> facts(
            Mutiny.Session session, String query, Class<R> type) {
        return session.createSelectionQuery(query, type)
                .getResultList()
                .map(rows -> rows.stream().map(FactRow::fact).toList());
    }
}

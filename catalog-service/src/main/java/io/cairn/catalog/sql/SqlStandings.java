package io.cairn.catalog.sql;

import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.BackupState;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.RequiredCopies;
import io.cairn.catalog.backup.StoreLag;
import io.cairn.catalog.cluster.Assessment;
import io.cairn.catalog.cluster.ClusterStanding;
import io.cairn.catalog.cluster.KnownCluster;
import io.cairn.catalog.cluster.Standings;
import io.cairn.catalog.cluster.StoredWal;
import io.cairn.catalog.key.ShreddedKeys;
import io.cairn.config.CairnConfig;
import io.cairn.model.ClusterName;
import io.cairn.model.policy.RtoForecast;
import io.cairn.model.record.Shredded;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;

@ApplicationScoped
class SqlStandings implements Standings {

    private final Transactions transactions;
    private final BackupConditions states;
    private final ShreddedKeys keys;
    private final InstantSource clock;

    @Inject
    SqlStandings(
            Transactions transactions, CairnConfig config, ShreddedKeys keys, InstantSource clock) {
        this.transactions = transactions;
        this.keys = keys;
        this.clock = clock;
        this.states = new BackupConditions(RequiredCopies.of(config));
    }

    /** A full backup's size when it was taken. */
    record FullRow(String cluster, String systemIdentifier, Instant completedAt, long bytesIn) {

        private ClusterName name() {
            return new ClusterName(cluster);
        }

        private boolean isOf(Backup backup) {
            return backup.systemIdentifier().toString().equals(systemIdentifier);
        }

        private RtoForecast.Size size() {
            return new RtoForecast.Size(completedAt, bytesIn);
        }
    }

    /** What tells of restores: those that were done, and how much there is to restore. */
    private record Restores(
            Map<ClusterName, Copy> drilled, Map<ClusterName, List<FullRow>> fulls) {}

    /** What one session read, each by cluster. */
    private record Found(
            Map<ClusterName, KnownCluster> known,
            Map<ClusterName, CataloguedBackup> last,
            Map<ClusterName, CataloguedBackup> lastRestorable,
            Map<ClusterName, CataloguedBackup> lastVerified,
            Map<ClusterName, CataloguedBackup> lastProtected,
            Restores restores,
            Map<ClusterName, List<StoreLag>> lags,
            Map<ClusterName, List<Assessment>> assessments,
            Map<ClusterName, StoredWal> wal) {

        SortedMap<ClusterName, ClusterStanding> standings(
                Function<Backup, Optional<Shredded>> shredded) {
            TreeSet<ClusterName> names =
                    Stream.of(known, last, assessments, wal)
                            .flatMap(map -> map.keySet().stream())
                            .collect(Collectors.toCollection(TreeSet::new));
            SortedMap<ClusterName, ClusterStanding> standings = new TreeMap<>();
            names.forEach(name -> standings.put(name, standing(name).without(shredded)));
            return standings;
        }

        private ClusterStanding standing(ClusterName name) {
            return new ClusterStanding(
                    name,
                    Optional.ofNullable(known.get(name)).map(KnownCluster::tier),
                    Optional.ofNullable(last.get(name)),
                    Optional.ofNullable(lastRestorable.get(name)),
                    Optional.ofNullable(lastVerified.get(name)),
                    Optional.ofNullable(lastProtected.get(name)),
                    Optional.ofNullable(restores.drilled().get(name)),
                    fulls(name),
                    lags.getOrDefault(name, List.of()),
                    assessments.getOrDefault(name, List.of()),
                    wal.getOrDefault(name, StoredWal.NONE));
        }

        private List<RtoForecast.Size> fulls(ClusterName name) {
            return Optional.ofNullable(last.get(name)).stream()
                    .flatMap(newest ->
                            restores.fulls().getOrDefault(name, List.of()).stream()
                                    .filter(full -> full.isOf(newest.backup())))
                    .map(FullRow::size)
                    .toList();
        }
    }

    @Override
    public SortedMap<ClusterName, ClusterStanding> all() {
        return transactions.run(session ->
                Uni.combine()
                        .all()
                        .unis(
                                known(session),
                                newest(session, UnaryOperator.identity()),
                                newest(session, states::restorable),
                                newest(session, states::verified),
                                newest(
                                        session,
                                        conditions -> states.in(BackupState.PROTECTED, conditions)),
                                restores(session),
                                lags(session),
                                assessments(session),
                                StoredWalQuery.all(session))
                        // A session does one thing at a time.
                        .usingConcurrencyOf(1)
                        .with(Found::new)
                        .map(found -> found.standings(this::shredded)));
    }

    private Optional<Shredded> shredded(Backup backup) {
        return keys.of(backup.layout().root(), backup.completedAt());
    }

    private static Uni<Map<ClusterName, KnownCluster>> known(Mutiny.Session session) {
        return session.createSelectionQuery("from ClusterRow", ClusterRow.class)
                .getResultList()
                .map(rows ->
                        rows.stream()
                                .map(ClusterRow::fact)
                                .collect(
                                        Collectors.toMap(KnownCluster::name, Function.identity())));
    }

    /** The newest backup of each cluster that meets the conditions. */
    private static Uni<Map<ClusterName, CataloguedBackup>> newest(
            Mutiny.Session session, UnaryOperator<Conditions> rules) {
        Conditions conditions = rules.apply(new Conditions());
        String ranked =
                """
                from (select r.id as id, row_number() over
                    (partition by r.cluster order by r.completedAt desc, r.id desc) as age from BackupRow r%s) ranked
                where ranked.age = 1\
                """
                        .formatted(conditions.where());
        return conditions
                .bind(session.createSelectionQuery("select ranked.id " + ranked, String.class))
                .getResultList()
                .chain(ids ->
                        ids.isEmpty()
                                ? Uni.createFrom().item(List.<BackupRow>of())
                                : session.find(BackupRow.class, ids.toArray()))
                // Gone in between: a rebuild was committed after the ids were read.
                .map(rows -> rows.stream().filter(Objects::nonNull).toList())
                .chain(rows -> SqlBackups.withCopies(session, rows))
                .map(found ->
                        found.stream()
                                .collect(
                                        Collectors.toMap(
                                                one -> one.backup().cluster(),
                                                Function.identity())));
    }

    private Uni<Restores> restores(Mutiny.Session session) {
        return drilled(session)
                .chain(drilled -> fulls(session).map(fulls -> new Restores(drilled, fulls)));
    }

    private Uni<Map<ClusterName, List<FullRow>>> fulls(Mutiny.Session session) {
        return session.createSelectionQuery(
                        """
                        select new io.cairn.catalog.sql.SqlStandings$FullRow(
                            r.cluster, r.systemIdentifier, r.completedAt, r.bytesIn)
                        from BackupRow r where r.label like '%-F' and r.completedAt >= :from\
                        """,
                        FullRow.class)
                .setParameter("from", clock.instant().minus(RtoForecast.WINDOW))
                .getResultList()
                .map(rows -> rows.stream().collect(Collectors.groupingBy(FullRow::name)));
    }

    private static Uni<Map<ClusterName, Copy>> drilled(Mutiny.Session session) {
        return session.createNativeQuery(
                        """
                        select distinct on (cluster) * from copy where drilled_at is not null
                        order by cluster, drilled_at desc, id\
                        """,
                        CopyRow.class)
                .getResultList()
                .map(rows ->
                        rows.stream()
                                .map(CopyRow::fact)
                                .collect(
                                        Collectors.toMap(
                                                copy -> copy.run().cluster(),
                                                Function.identity())));
    }

    private static Uni<Map<ClusterName, List<StoreLag>>> lags(Mutiny.Session session) {
        return session.createSelectionQuery("from StoreLagRow order by id", StoreLagRow.class)
                .getResultList()
                .map(rows ->
                        rows.stream()
                                .map(StoreLagRow::fact)
                                .collect(Collectors.groupingBy(StoreLag::cluster)));
    }

    private static Uni<Map<ClusterName, List<Assessment>>> assessments(Mutiny.Session session) {
        return session.createSelectionQuery("from AssessmentRow order by id", AssessmentRow.class)
                .getResultList()
                .map(rows ->
                        rows.stream()
                                .map(AssessmentRow::fact)
                                .collect(Collectors.groupingBy(Assessment::cluster)));
    }
}

package io.cairn.catalog.sql;

import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.BackupRecord;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.Expiry;
import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.FactMap;
import io.cairn.catalog.projection.FactSet;
import io.cairn.catalog.projection.FactStore;
import io.cairn.catalog.projection.Projection;
import io.cairn.catalog.wal.WalFacts;
import io.cairn.model.RunId;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Facts as rows. Writers take turns by a lock of the database, so that what was read is still so
 * when it is written.
 */
@ApplicationScoped
class SqlFactStore implements FactStore {

    /** Key of the advisory lock that every writing transaction holds: "cairn" in ASCII. */
    private static final long WRITERS = 0x63_61_69_72_6eL;

    private final Transactions transactions;
    private final DatabaseSettings settings;

    @Inject
    SqlFactStore(Transactions transactions, DatabaseSettings settings) {
        this.transactions = transactions;
        this.settings = settings;
    }

    @Override
    public void join(FactSet facts, Map<TopicPartition, Long> next) {
        transactions.run(session ->
                lock(session)
                        .chain(() -> join(session, facts))
                        .chain(() -> saveProjected(session, next)));
    }

    private static Uni<Void> lock(Mutiny.Session session) {
        return session.createNativeQuery("select 1 from pg_advisory_xact_lock(?1)", Integer.class)
                .setParameter(1, WRITERS)
                .getSingleResult()
                .replaceWithVoid();
    }

    private static Uni<Void> join(Mutiny.Session session, FactSet facts) {
        return join(session, facts.clusters(), ClusterRow.class, ClusterRow::new)
                .chain(() -> join(session, facts.runs(), RunRow.class, RunRow::new))
                .chain(() -> join(session, facts.attempts(), AttemptRow.class, AttemptRow::new))
                .chain(() -> join(session, facts.backups(), BackupRow.class, BackupRow::new))
                .chain(() -> join(session, facts.copies(), CopyRow.class, CopyRow::new))
                .chain(() ->
                        join(session, facts.records(), BackupRecordRow.class, BackupRecordRow::new))
                .chain(() -> join(session, facts.lags(), StoreLagRow.class, StoreLagRow::new))
                .chain(() ->
                        join(session, facts.assessments(), AssessmentRow.class, AssessmentRow::new))
                .chain(() -> join(session, facts.expiries(), ExpiryRow.class, ExpiryRow::new))
                .chain(() -> join(session, facts.wal()))
                .chain(session::flush)
                .chain(() -> removeExpired(session, facts));
    }

    /** Of what was just told, whatever expired, then or before. */
    private static Uni<Void> removeExpired(Mutiny.Session session, FactSet facts) {
        List<String> runs =
                Stream.of(
                                facts.expiries().byId().values().stream().map(Expiry::run),
                                facts.backups().byId().values().stream().map(Backup::run),
                                facts.copies().byId().values().stream().map(Copy::run))
                        .flatMap(Function.identity())
                        .map(RunId::toString)
                        .distinct()
                        .toList();
        if (runs.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return session.createSelectionQuery(
                        "select id from ExpiryRow where id in :runs", String.class)
                .setParameter("runs", runs)
                .getResultList()
                .chain(expired -> removeExpired(session, expired));
    }

    private static Uni<Void> removeExpired(Mutiny.Session session, List<String> expired) {
        Uni<Void> removed = Uni.createFrom().voidItem();
        for (String id : expired) {
            RunId run = RunId.parse(id);
            for (String rows : List.of("CopyRow", "BackupRow")) {
                removed =
                        removed.chain(() ->
                                session.createMutationQuery(
                                                "delete from "
                                                        + rows
                                                        + " where cluster = :cluster and label = :label")
                                        .setParameter("cluster", run.cluster().value())
                                        .setParameter("label", run.label().value())
                                        .executeUpdate()
                                        .replaceWithVoid());
            }
        }
        return removed;
    }

    private static Uni<Void> join(Mutiny.Session session, WalFacts wal) {
        return join(session, wal.archived(), ArchivedWalRow.class, ArchivedWalRow::new)
                .chain(() -> join(session, wal.gaps(), WalGapRow.class, WalGapRow::new))
                .chain(() ->
                        join(
                                session,
                                wal.switches(),
                                TimelineSwitchRow.class,
                                TimelineSwitchRow::new));
    }

    private static <F extends Fact<F>, R extends FactRow<F>> Uni<Void> join(
            Mutiny.Session session, FactMap<F> facts, Class<R> type, Supplier<R> blank) {
        if (facts.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Collection<F> told = facts.byId().values();
        return session.find(type, facts.byId().keySet().toArray())
                .chain(found -> {
                    Map<String, R> known =
                            found.stream()
                                    .filter(Objects::nonNull)
                                    .collect(
                                            Collectors.toMap(
                                                    row -> row.fact().id(), Function.identity()));
                    facts.byId()
                            .forEach((id, fact) -> {
                                R row = known.get(id);
                                if (row != null) {
                                    row.set(row.fact().join(fact));
                                }
                            });
                    Object[] added =
                            told.stream()
                                    .filter(fact -> !known.containsKey(fact.id()))
                                    .map(fact -> rowOf(fact, blank))
                                    .toArray();
                    return session.persistAll(added);
                });
    }

    private static <F extends Fact<F>, R extends FactRow<F>> R rowOf(F fact, Supplier<R> blank) {
        R row = blank.get();
        row.set(fact);
        return row;
    }

    private static Uni<Void> saveProjected(Mutiny.Session session, Map<TopicPartition, Long> next) {
        Uni<Void> saved = Uni.createFrom().voidItem();
        for (Map.Entry<TopicPartition, Long> entry : next.entrySet()) {
            saved =
                    saved.chain(() ->
                            session.createNativeQuery(
                                            """
                                            insert into projected (topic, partition, next_offset) values (?1, ?2, ?3)
                                            on conflict (topic, partition) do update set next_offset = excluded.next_offset\
                                            """)
                                    .setParameter(1, entry.getKey().topic())
                                    .setParameter(2, entry.getKey().partition())
                                    .setParameter(3, entry.getValue())
                                    .executeUpdate()
                                    .replaceWithVoid());
        }
        return saved;
    }

    @Override
    public Map<TopicPartition, Long> projected() {
        List<Object[]> rows =
                transactions.run(session ->
                        session.createNativeQuery(
                                        "select topic, partition, next_offset from projected",
                                        Object[].class)
                                .getResultList());
        Map<TopicPartition, Long> next = new HashMap<>();
        for (Object[] row : rows) {
            next.put(
                    new TopicPartition((String) row[0], ((Number) row[1]).intValue()),
                    ((Number) row[2]).longValue());
        }
        return next;
    }

    @Override
    public void replaceBackups(Supplier<FactSet> found) {
        transactions.run(
                settings.rebuildTimeout(),
                (session, context) ->
                        lock(session)
                                .chain(() -> onVirtualThread(found, context))
                                .chain(facts ->
                                        replaceWal(session, facts.wal())
                                                .chain(() -> delete(session))
                                                .chain(() -> join(session, facts))
                                                .chain(() -> markStored(session, facts.records()))
                                                .chain(() -> rejoinUnstored(session))));
    }

    /**
     * Blocking work within a transaction: off the event loop, and back on the session's context
     * when it is done.
     */
    private static <T> Uni<T> onVirtualThread(Supplier<T> work, Context context) {
        return Uni.createFrom()
                .item(work)
                .runSubscriptionOn(task -> Thread.ofVirtual().name("catalog-rebuild").start(task))
                .emitOn(task -> context.runOnContext(_ -> task.run()));
    }

    private static Uni<Void> replaceWal(Mutiny.Session session, WalFacts found) {
        return session.createSelectionQuery("from ArchivedWalRow", ArchivedWalRow.class)
                .getResultList()
                .chain(rows -> {
                    WalFacts known = WalFacts.NONE;
                    for (ArchivedWalRow row : rows) {
                        known = known.join(WalFacts.of(row.fact()));
                    }
                    session.clear();
                    WalFacts left = known.replacedBy(found);
                    return execute(session, "delete from ArchivedWalRow")
                            .chain(() -> join(session, left))
                            .chain(session::flush);
                });
    }

    /** DELETE, not TRUNCATE: readers go on seeing the old rows until the commit. */
    private static Uni<Void> delete(Mutiny.Session session) {
        return execute(session, "delete from BackupRow")
                .chain(() -> execute(session, "delete from CopyRow"))
                .chain(() -> execute(session, "delete from BackupRecordRow where stored"));
    }

    private static Uni<Void> execute(Mutiny.Session session, String statement) {
        return session.createMutationQuery(statement).executeUpdate().replaceWithVoid();
    }

    private static Uni<Void> markStored(Mutiny.Session session, FactMap<BackupRecord> records) {
        if (records.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return session.find(BackupRecordRow.class, records.byId().keySet().toArray())
                .invoke(rows -> rows.forEach(row -> row.stored = true))
                .chain(session::flush);
    }

    /**
     * Records whose object is not written yet are only here; what they say of copies must not be
     * lost.
     */
    private static Uni<Void> rejoinUnstored(Mutiny.Session session) {
        return session.createSelectionQuery(
                        "from BackupRecordRow where not stored", BackupRecordRow.class)
                .getResultList()
                .chain(rows ->
                        join(
                                session,
                                FactSet.joined(
                                        rows.stream()
                                                .map(row ->
                                                        Projection.of(row.fact().object().event()))
                                                .toList())));
    }
}

package io.cairn.catalog.sql;

import io.cairn.catalog.paging.Cursor;
import io.cairn.catalog.paging.Page;
import io.cairn.catalog.paging.PageRequest;
import io.cairn.catalog.run.Attempt;
import io.cairn.catalog.run.Run;
import io.cairn.catalog.run.RunFilter;
import io.cairn.catalog.run.RunState;
import io.cairn.catalog.run.Runs;
import io.cairn.catalog.run.TrackedRun;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

@ApplicationScoped
class SqlRuns implements Runs {

    private final Transactions transactions;

    @Inject
    SqlRuns(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public Page<TrackedRun> find(RunFilter filter, PageRequest page) {
        Conditions conditions =
                new Conditions()
                        .andIf(
                                filter.cluster().map(ClusterName::value),
                                "r.cluster = :cluster",
                                "cluster")
                        .andIf(filter.tier().map(Tier::id), "r.tier = :tier", "tier")
                        .andIf(filter.kind().map(BackupKind::id), "r.kind = :kind", "kind");
        if (!filter.states().isEmpty()) {
            conditions
                    .and("r.state in :states")
                    .with("states", filter.states().stream().map(RunState::id).toList());
        }
        NewestFirst.runsAfter(page.after(), conditions);
        List<TrackedRun> found =
                transactions.run(session ->
                        conditions
                                .bind(
                                        session.createSelectionQuery(
                                                "from RunRow r"
                                                        + conditions.where()
                                                        + NewestFirst.RUNS,
                                                RunRow.class))
                                .setMaxResults(page.limit() + 1)
                                .getResultList()
                                .chain(rows -> withAttempts(session, rows)));
        return Page.of(found, page.limit(), tracked -> cursor(tracked.run().run()));
    }

    private static Cursor cursor(RunId run) {
        return new Cursor(run.cluster(), run.label(), Optional.empty());
    }

    @Override
    public Optional<TrackedRun> find(RunId run) {
        return transactions.run(session ->
                session.find(RunRow.class, run.toString())
                        .chain(row -> withAttempts(session, row == null ? List.of() : List.of(row)))
                        .map(found -> found.stream().findFirst()));
    }

    private static Uni<List<TrackedRun>> withAttempts(Mutiny.Session session, List<RunRow> rows) {
        if (rows.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        List<Run> runs = rows.stream().map(RunRow::fact).toList();
        return session.createSelectionQuery("from AttemptRow where run in :runs", AttemptRow.class)
                .setParameter("runs", runs.stream().map(Run::id).toList())
                .getResultList()
                .map(attempts -> {
                    Map<RunId, List<Attempt>> byRun =
                            attempts.stream()
                                    .map(AttemptRow::fact)
                                    .collect(Collectors.groupingBy(Attempt::run));
                    return runs.stream()
                            .map(run ->
                                    new TrackedRun(run, byRun.getOrDefault(run.run(), List.of())))
                            .toList();
                });
    }

    @Override
    public Map<Tier, Long> outstanding() {
        List<Object[]> counts =
                transactions.run(session ->
                        session.createSelectionQuery(
                                        "select tier, count(*) from RunRow where state in :states and tier is not null group by tier",
                                        Object[].class)
                                .setParameter(
                                        "states",
                                        RunFilter.ACTIVE.stream().map(RunState::id).toList())
                                .getResultList());
        Map<Tier, Long> outstanding = new EnumMap<>(Tier.class);
        counts.forEach(row -> outstanding.put(Tier.parse((String) row[0]), (Long) row[1]));
        return outstanding;
    }
}

package io.cairn.catalog.sql;

import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.BackupFilter;
import io.cairn.catalog.backup.BackupRecord;
import io.cairn.catalog.backup.Backups;
import io.cairn.catalog.backup.CataloguedBackup;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.RequiredCopies;
import io.cairn.catalog.key.ShreddedKeys;
import io.cairn.catalog.paging.Cursor;
import io.cairn.catalog.paging.Page;
import io.cairn.catalog.paging.PageRequest;
import io.cairn.config.CairnConfig;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

@ApplicationScoped
class SqlBackups implements Backups {

    private final Transactions transactions;
    private final BackupConditions states;
    private final ShreddedKeys keys;

    @Inject
    SqlBackups(Transactions transactions, CairnConfig config, ShreddedKeys keys) {
        this.transactions = transactions;
        this.states = new BackupConditions(RequiredCopies.of(config));
        this.keys = keys;
    }

    @Override
    public Page<CataloguedBackup> find(BackupFilter filter, PageRequest page) {
        Conditions conditions =
                new Conditions()
                        .andIf(
                                filter.cluster().map(ClusterName::value),
                                "r.cluster = :cluster",
                                "cluster")
                        .andIf(filter.tier().map(Tier::id), "r.tier = :onlyTier", "onlyTier");
        filter.state().ifPresent(state -> states.in(state, keys.all(), conditions));
        NewestFirst.backupsAfter(page.after(), conditions);
        List<CataloguedBackup> found =
                transactions.run(session ->
                        select(session, conditions)
                                .setMaxResults(page.limit() + 1)
                                .getResultList()
                                .chain(rows -> withCopies(session, rows)));
        return Page.of(found, page.limit(), one -> cursor(one.backup()));
    }

    private static Cursor cursor(Backup backup) {
        return new Cursor(backup.cluster(), backup.label(), Optional.of(backup.attempt()));
    }

    @Override
    public List<CataloguedBackup> named(BackupLabel label, Optional<ClusterName> cluster) {
        Conditions conditions =
                new Conditions()
                        .and("r.label = :label")
                        .with("label", label.value())
                        .andIf(cluster.map(ClusterName::value), "r.cluster = :cluster", "cluster");
        return transactions.run(session ->
                select(session, conditions)
                        .getResultList()
                        .chain(rows -> withCopies(session, rows)));
    }

    private static Mutiny.SelectionQuery<BackupRow> select(
            Mutiny.Session session, Conditions conditions) {
        return conditions.bind(
                session.createSelectionQuery(
                        "from BackupRow r" + conditions.where() + NewestFirst.BACKUPS,
                        BackupRow.class));
    }

    static Uni<List<CataloguedBackup>> withCopies(Mutiny.Session session, List<BackupRow> rows) {
        if (rows.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        List<Backup> backups = rows.stream().map(BackupRow::fact).toList();
        return session.createSelectionQuery("from CopyRow where backup in :backups", CopyRow.class)
                .setParameter("backups", backups.stream().map(Backup::id).toList())
                .getResultList()
                .map(copies -> {
                    Map<String, List<Copy>> byBackup =
                            copies.stream()
                                    .map(CopyRow::fact)
                                    .collect(Collectors.groupingBy(Copy::backupId));
                    return backups.stream()
                            .map(one ->
                                    new CataloguedBackup(
                                            one, byBackup.getOrDefault(one.id(), List.of())))
                            .toList();
                });
    }

    @Override
    public List<BackupRecord> history(Backup backup) {
        return transactions
                .run(session ->
                        session.createSelectionQuery(
                                        "from BackupRecordRow where backup = :backup order by at, id",
                                        BackupRecordRow.class)
                                .setParameter("backup", backup.id())
                                .getResultList())
                .stream()
                .map(BackupRecordRow::fact)
                .toList();
    }

    @Override
    public Set<RunId> known() {
        return transactions
                .run(session ->
                        session.createSelectionQuery(
                                        "select cluster, label from BackupRow", Object[].class)
                                .getResultList())
                .stream()
                .map(row ->
                        new RunId(
                                new ClusterName((String) row[0]), new BackupLabel((String) row[1])))
                .collect(Collectors.toSet());
    }
}

package io.cairn.catalog.sql;

import io.cairn.catalog.backup.BackupRecord;
import io.cairn.catalog.backup.PendingRecords;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

@ApplicationScoped
class SqlPendingRecords implements PendingRecords {

    private final Transactions transactions;

    @Inject
    SqlPendingRecords(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public List<Pending> pending(int limit) {
        List<Object[]> rows =
                transactions.run(session ->
                        session.createSelectionQuery(
                                        """
                                        select p, b from BackupRecordRow p join BackupRow b on b.id = p.backup
                                        where not p.stored order by p.at, p.id\
                                        """,
                                        Object[].class)
                                .setMaxResults(limit)
                                .getResultList());
        return rows.stream()
                .map(row ->
                        new Pending(((BackupRecordRow) row[0]).fact(), ((BackupRow) row[1]).fact()))
                .toList();
    }

    @Override
    public void stored(List<BackupRecord> records) {
        transactions.run(session ->
                session.createMutationQuery(
                                "update BackupRecordRow set stored = true where id in :ids")
                        .setParameter("ids", records.stream().map(BackupRecord::id).toList())
                        .executeUpdate());
    }

    @Override
    public long count() {
        return transactions.run(session ->
                session.createSelectionQuery(
                                "select count(*) from BackupRecordRow where not stored", Long.class)
                        .getSingleResult());
    }
}

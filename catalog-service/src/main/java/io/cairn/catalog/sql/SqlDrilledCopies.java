package io.cairn.catalog.sql;

import io.cairn.catalog.archive.DrilledCopies;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

@ApplicationScoped
class SqlDrilledCopies implements DrilledCopies {

    private final Transactions transactions;

    @Inject
    SqlDrilledCopies(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public List<DrilledCopy> of(Tier tier, StoreName store) {
        List<Object[]> rows =
                transactions.run(session ->
                        session.createSelectionQuery(
                                        """
                                        select b.cluster, b.systemIdentifier, b.label, b.attempt
                                        from BackupRow b join CopyRow c on c.backup = b.id
                                        where b.tier = :tier and c.store = :store and c.complete
                                            and exists (select 1 from CopyRow d
                                                where d.backup = b.id and d.drilledAt is not null)
                                        order by b.id\
                                        """,
                                        Object[].class)
                                .setParameter("tier", tier.id())
                                .setParameter("store", store.value())
                                .getResultList());
        return rows.stream().map(SqlDrilledCopies::copy).toList();
    }

    private static DrilledCopy copy(Object[] row) {
        ClusterRoot root =
                new ClusterRoot(
                        new ClusterName((String) row[0]), SystemIdentifier.parse((String) row[1]));
        return new DrilledCopy(
                new BackupLayout(root, new BackupLabel((String) row[2])),
                new AttemptId((String) row[3]));
    }
}

package io.cairn.catalog.sql;

import io.cairn.catalog.backup.CopyLock;
import io.cairn.catalog.lock.LockCandidates;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.policy.ObjectLockMode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

@ApplicationScoped
class SqlLockCandidates implements LockCandidates {

    private final Transactions transactions;

    @Inject
    SqlLockCandidates(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public List<Candidate> of(Tier tier) {
        List<Object[]> rows =
                transactions.run(session ->
                        session.createSelectionQuery(
                                        """
                                        select b.cluster, b.systemIdentifier, b.label, b.attempt, b.parent,
                                            c.store, c.lockMode, c.lockedUntil
                                        from BackupRow b join CopyRow c on c.backup = b.id
                                        where b.tier = :tier and c.complete order by b.id\
                                        """,
                                        Object[].class)
                                .setParameter("tier", tier.id())
                                .getResultList());
        Map<List<Object>, Map<StoreName, Optional<CopyLock>>> copies = new LinkedHashMap<>();
        Map<List<Object>, Optional<BackupLabel>> parents = new HashMap<>();
        for (Object[] row : rows) {
            List<Object> backup = List.of(row[0], row[1], row[2], row[3]);
            parents.put(backup, Optional.ofNullable((String) row[4]).map(BackupLabel::new));
            copies.computeIfAbsent(backup, _ -> new HashMap<>())
                    .put(
                            new StoreName((String) row[5]),
                            Optional.ofNullable((Instant) row[7])
                                    .map(until ->
                                            new CopyLock(
                                                    ObjectLockMode.parse((String) row[6]), until)));
        }
        List<Candidate> candidates = new ArrayList<>();
        copies.forEach((backup, stored) ->
                candidates.add(
                        new Candidate(
                                layout(backup),
                                new AttemptId((String) backup.get(3)),
                                parents.getOrDefault(backup, Optional.empty()),
                                stored)));
        return List.copyOf(candidates);
    }

    private static BackupLayout layout(List<Object> backup) {
        return new BackupLayout(
                new ClusterRoot(
                        new ClusterName((String) backup.get(0)),
                        SystemIdentifier.parse((String) backup.get(1))),
                new BackupLabel((String) backup.get(2)));
    }
}

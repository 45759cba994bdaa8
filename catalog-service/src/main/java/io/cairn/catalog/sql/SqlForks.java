package io.cairn.catalog.sql;

import io.cairn.catalog.retention.Forks;
import io.cairn.catalog.retention.History.Fork;
import io.cairn.catalog.wal.TimelineSwitch;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Collectors;

@ApplicationScoped
class SqlForks implements Forks {

    private final Transactions transactions;

    @Inject
    SqlForks(Transactions transactions) {
        this.transactions = transactions;
    }

    /** Where stores were told differently, the fork that is the earlier: it keeps more. */
    @Override
    public Map<Timeline, Fork> of(ClusterRoot root) {
        return transactions
                .run(session ->
                        session.createSelectionQuery(
                                        "from TimelineSwitchRow where cluster = :cluster and systemIdentifier = :system",
                                        TimelineSwitchRow.class)
                                .setParameter("cluster", root.cluster().value())
                                .setParameter("system", root.systemIdentifier().toString())
                                .getResultList())
                .stream()
                .map(TimelineSwitchRow::fact)
                .sorted(Comparator.comparing(TimelineSwitch::at))
                .collect(
                        Collectors.toMap(
                                TimelineSwitch::to,
                                taken -> new Fork(taken.from(), taken.at()),
                                (first, _) -> first));
    }
}

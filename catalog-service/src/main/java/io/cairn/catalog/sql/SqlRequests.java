package io.cairn.catalog.sql;

import io.cairn.catalog.request.Requests;
import io.cairn.events.BackupRequested;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

@ApplicationScoped
class SqlRequests implements Requests {

    private final Transactions transactions;

    @Inject
    SqlRequests(Transactions transactions) {
        this.transactions = transactions;
    }

    /** ON CONFLICT rather than a look before: two requests with the same key may come at once. */
    @Override
    public BackupRequested keep(BackupRequested request) {
        return transactions.run(session ->
                session.createNativeQuery(
                                """
                                insert into request
                                    (id, cluster, idempotency_key, kind, requested_at, requested_by, allows_millis)
                                values (:id, :cluster, :key, :kind, :requestedAt, :requestedBy, :allowsMillis)
                                on conflict (id) do nothing\
                                """)
                        .setParameter("id", RequestRow.id(request))
                        .setParameter("cluster", request.cluster().value())
                        .setParameter("key", request.idempotencyKey())
                        .setParameter("kind", request.kind().id())
                        .setParameter("requestedAt", request.requestedAt())
                        .setParameter("requestedBy", request.requestedBy())
                        .setParameter("allowsMillis", request.startDeadline().toMillis())
                        .executeUpdate()
                        .chain(() -> session.find(RequestRow.class, RequestRow.id(request)))
                        .map(RequestRow::request));
    }
}

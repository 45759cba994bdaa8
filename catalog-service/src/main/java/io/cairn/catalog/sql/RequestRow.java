package io.cairn.catalog.sql;

import io.cairn.events.BackupRequested;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;

@Entity
@Table(name = "request")
class RequestRow {

    @Id String id;

    String cluster;
    String kind;
    Instant requestedAt;
    String requestedBy;
    String idempotencyKey;
    long allowsMillis;

    static String id(BackupRequested request) {
        return request.cluster() + ":" + request.idempotencyKey();
    }

    BackupRequested request() {
        return new BackupRequested(
                new ClusterName(cluster),
                BackupKind.parse(kind),
                requestedAt,
                requestedBy,
                idempotencyKey,
                Duration.ofMillis(allowsMillis));
    }
}

package io.cairn.catalog.sql;

import io.cairn.catalog.wal.ArchivedRange;
import io.cairn.catalog.wal.ArchivedWal;
import io.cairn.model.ClusterName;
import io.cairn.model.Json;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "archived_wal")
class ArchivedWalRow implements FactRow<ArchivedWal> {

    @Id String id;

    String cluster;
    String systemIdentifier;
    String store;
    int timeline;
    @Nullable String divergence;
    String ranges;
    Instant archivedAt;

    @Override
    public ArchivedWal fact() {
        return new ArchivedWal(
                new ClusterName(cluster),
                SystemIdentifier.parse(systemIdentifier),
                new StoreName(store),
                new Timeline(timeline),
                Optional.ofNullable(divergence),
                parse(ranges),
                archivedAt);
    }

    @Override
    public void set(ArchivedWal fact) {
        id = fact.id();
        cluster = fact.cluster().value();
        systemIdentifier = fact.systemIdentifier().toString();
        store = fact.store().value();
        timeline = fact.timeline().id();
        divergence = fact.divergence().orElse(null);
        ranges = new String(Json.write(fact.ranges()), StandardCharsets.UTF_8);
        archivedAt = fact.archivedAt();
    }

    private static List<ArchivedRange> parse(String json) {
        try {
            return List.of(Json.read(json.getBytes(StandardCharsets.UTF_8), ArchivedRange[].class));
        } catch (IOException e) {
            throw new IllegalStateException("a row's ranges are JSON that was written here", e);
        }
    }
}

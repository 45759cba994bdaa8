package io.cairn.catalog.sql;

import io.cairn.catalog.wal.WalGap;
import io.cairn.events.WalGapCause;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "wal_gap")
class WalGapRow implements FactRow<WalGap> {

    @Id String id;

    String cluster;
    String systemIdentifier;
    String store;
    int timeline;
    String cause;

    @Column(name = "from_lsn")
    String from;

    @Column(name = "until_lsn")
    @Nullable String until;

    @Nullable String divergence;
    String reason;
    Instant detectedAt;

    @Override
    public WalGap fact() {
        return new WalGap(
                new ClusterName(cluster),
                SystemIdentifier.parse(systemIdentifier),
                new StoreName(store),
                new Timeline(timeline),
                WalGapCause.parse(cause),
                Lsn.parse(from),
                Optional.ofNullable(until).map(Lsn::parse),
                Optional.ofNullable(divergence),
                reason,
                detectedAt);
    }

    @Override
    public void set(WalGap fact) {
        id = fact.id();
        cluster = fact.cluster().value();
        systemIdentifier = fact.systemIdentifier().toString();
        store = fact.store().value();
        timeline = fact.timeline().id();
        cause = fact.cause().id();
        from = fact.from().toString();
        until = fact.until().map(Lsn::toString).orElse(null);
        divergence = fact.divergence().orElse(null);
        reason = fact.reason();
        detectedAt = fact.detectedAt();
    }
}

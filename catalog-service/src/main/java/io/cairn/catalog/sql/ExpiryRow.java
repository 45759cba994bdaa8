package io.cairn.catalog.sql;

import io.cairn.catalog.backup.Expiry;
import io.cairn.model.RunId;
import io.cairn.model.SystemIdentifier;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

@Entity
@Table(name = "expiry")
class ExpiryRow implements FactRow<Expiry> {

    /** The run. */
    @Id String id;

    String systemIdentifier;
    Instant expiredAt;

    @Override
    public Expiry fact() {
        return new Expiry(RunId.parse(id), SystemIdentifier.parse(systemIdentifier), expiredAt);
    }

    @Override
    public void set(Expiry fact) {
        id = fact.id();
        systemIdentifier = fact.systemIdentifier().toString();
        expiredAt = fact.expiredAt();
    }
}

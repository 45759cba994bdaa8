package io.cairn.catalog.sql;

import io.cairn.catalog.backup.BackupRecord;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

@Entity
@Table(name = "backup_record")
class BackupRecordRow implements FactRow<BackupRecord> {

    @Id String id;

    String backup;
    String what;
    String cluster;
    String label;
    String attempt;
    String store;
    Instant at;
    String type;
    String data;

    /** Bookkeeping beside the fact: whether its object is written. */
    boolean stored;

    @Override
    public BackupRecord fact() {
        return new BackupRecord(
                what,
                id,
                new RunId(new ClusterName(cluster), new BackupLabel(label)),
                new AttemptId(attempt),
                new StoreName(store),
                at,
                type,
                data);
    }

    @Override
    public void set(BackupRecord fact) {
        id = fact.id();
        backup = fact.backupId();
        what = fact.what();
        cluster = fact.run().cluster().value();
        label = fact.run().label().value();
        attempt = fact.attempt().value();
        store = fact.store().value();
        at = fact.at();
        type = fact.type();
        data = fact.data();
    }
}

package io.cairn.catalog.sql;

import io.cairn.catalog.backup.Backup;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.StoredObject;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "backup")
class BackupRow implements FactRow<Backup> {

    @Id String id;

    String cluster;
    String label;
    String attempt;
    String tier;
    String systemIdentifier;
    String commitKey;
    long commitLength;
    String commitSha256;
    int timeline;
    String startLsn;
    String stopLsn;
    Instant startedAt;
    Instant completedAt;
    int serverVersion;
    int gzipLevel;
    String codec;
    long files;
    long bytesIn;
    long bytesStored;
    boolean damaged;
    @Nullable String parent;
    @Nullable String keyId;
    @Nullable String walFrom;

    @Override
    public Backup fact() {
        return new Backup(
                new RunId(new ClusterName(cluster), new BackupLabel(label)),
                new AttemptId(attempt),
                Tier.parse(tier),
                SystemIdentifier.parse(systemIdentifier),
                new StoredObject(new ObjectKey(commitKey), commitLength, new Sha256(commitSha256)),
                new Timeline(timeline),
                Lsn.parse(startLsn),
                Lsn.parse(stopLsn),
                startedAt,
                completedAt,
                serverVersion,
                gzipLevel,
                codec,
                files,
                bytesIn,
                bytesStored,
                damaged,
                Optional.ofNullable(parent).map(BackupLabel::new),
                Optional.ofNullable(keyId),
                Optional.ofNullable(walFrom).map(Lsn::parse));
    }

    @Override
    public void set(Backup fact) {
        id = fact.id();
        cluster = fact.cluster().value();
        label = fact.label().value();
        attempt = fact.attempt().value();
        tier = fact.tier().id();
        systemIdentifier = fact.systemIdentifier().toString();
        commitKey = fact.commit().key().value();
        commitLength = fact.commit().length();
        commitSha256 = fact.commit().sha256().hex();
        timeline = fact.timeline().id();
        startLsn = fact.startLsn().toString();
        stopLsn = fact.stopLsn().toString();
        startedAt = fact.startedAt();
        completedAt = fact.completedAt();
        serverVersion = fact.serverVersion();
        gzipLevel = fact.gzipLevel();
        codec = fact.codec();
        files = fact.files();
        bytesIn = fact.bytesIn();
        bytesStored = fact.bytesStored();
        damaged = fact.damaged();
        parent = fact.parent().map(BackupLabel::value).orElse(null);
        keyId = fact.keyId().orElse(null);
        walFrom = fact.walFrom().map(Lsn::toString).orElse(null);
    }
}

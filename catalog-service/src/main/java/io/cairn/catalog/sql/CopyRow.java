package io.cairn.catalog.sql;

import io.cairn.catalog.backup.Arrival;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.CopyLock;
import io.cairn.catalog.backup.Drill;
import io.cairn.catalog.backup.Finding;
import io.cairn.catalog.backup.Verification;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

@Entity
@Table(name = "copy")
class CopyRow implements FactRow<Copy> {

    @Id String id;

    String backup;
    String cluster;
    String label;
    String attempt;
    String store;
    boolean complete;
    boolean verified;
    boolean invalid;
    @Nullable Instant committedAt;
    @Nullable Instant replicatedAt;
    @Nullable String replicatedFrom;
    @Nullable Long lagMillis;
    @Nullable Long bytesCopied;
    @Nullable Instant validatedAt;
    @Nullable Long objectsRead;
    @Nullable Long bytesRead;
    @Nullable Long filesCompared;
    @Nullable Instant invalidAt;
    @Nullable String invalidCode;
    @Nullable String invalidMessage;
    @Nullable String invalidHint;
    @Nullable String invalidObject;
    @Nullable Instant drilledAt;
    @Nullable Long rtoMillis;
    @Nullable Long rtoObjectiveMillis;
    @Nullable Long tablesRead;
    @Nullable Long rowsRead;
    @Nullable Boolean amcheck;
    @Nullable Instant drillFailedAt;
    @Nullable String drillFailedCode;
    @Nullable String drillFailedMessage;
    @Nullable String drillFailedHint;
    @Nullable String drillFailedObject;
    @Nullable Instant drillSkippedAt;
    @Nullable String drillSkippedReason;
    @Nullable String lockMode;
    @Nullable Instant lockedUntil;

    @Override
    public Copy fact() {
        return new Copy(
                new RunId(new ClusterName(cluster), new BackupLabel(label)),
                new AttemptId(attempt),
                new StoreName(store),
                arrival(),
                verification(),
                drill(),
                Optional.ofNullable(lockedUntil)
                        .map(until -> new CopyLock(ObjectLockMode.parse(lockMode), until)));
    }

    private Arrival arrival() {
        return new Arrival(
                Optional.ofNullable(committedAt),
                Optional.ofNullable(replicatedAt)
                        .map(at ->
                                new Arrival.Replicated(
                                        at,
                                        new StoreName(replicatedFrom),
                                        Duration.ofMillis(lagMillis),
                                        bytesCopied)));
    }

    private Verification verification() {
        return new Verification(
                Optional.ofNullable(validatedAt)
                        .map(at ->
                                new Verification.Passed(at, objectsRead, bytesRead, filesCompared)),
                Optional.ofNullable(invalidAt)
                        .map(at ->
                                finding(
                                        at,
                                        invalidCode,
                                        invalidMessage,
                                        invalidHint,
                                        invalidObject)));
    }

    private Drill drill() {
        return new Drill(
                Optional.ofNullable(drilledAt)
                        .map(at ->
                                new Drill.Passed(
                                        at,
                                        Duration.ofMillis(rtoMillis),
                                        Duration.ofMillis(rtoObjectiveMillis),
                                        tablesRead,
                                        rowsRead,
                                        amcheck)),
                Optional.ofNullable(drillFailedAt)
                        .map(at ->
                                finding(
                                        at,
                                        drillFailedCode,
                                        drillFailedMessage,
                                        drillFailedHint,
                                        drillFailedObject)),
                Optional.ofNullable(drillSkippedAt)
                        .map(at -> new Drill.Skipped(at, drillSkippedReason)));
    }

    private static Finding finding(
            Instant at,
            String code,
            String message,
            @Nullable String hint,
            @Nullable String object) {
        return new Finding(
                at,
                ErrorCode.valueOf(code),
                message,
                Optional.ofNullable(hint),
                Optional.ofNullable(object).map(ObjectKey::new));
    }

    @Override
    public void set(Copy fact) {
        id = fact.id();
        backup = fact.backupId();
        cluster = fact.run().cluster().value();
        label = fact.run().label().value();
        attempt = fact.attempt().value();
        store = fact.store().value();
        complete = fact.completeAt().isPresent();
        verified = fact.verified();
        invalid = fact.standingFailure().isPresent();
        set(fact.arrival());
        set(fact.verification());
        set(fact.drill());
        fact.lock()
                .ifPresent(lock -> {
                    lockMode = lock.mode().id();
                    lockedUntil = lock.until();
                });
    }

    private void set(Arrival arrival) {
        committedAt = arrival.committedAt().orElse(null);
        arrival.replicated()
                .ifPresent(replicated -> {
                    replicatedAt = replicated.at();
                    replicatedFrom = replicated.source().value();
                    lagMillis = replicated.lag().toMillis();
                    bytesCopied = replicated.bytesCopied();
                });
    }

    private void set(Verification verification) {
        verification
                .passed()
                .ifPresent(passed -> {
                    validatedAt = passed.at();
                    objectsRead = passed.objects();
                    bytesRead = passed.bytesRead();
                    filesCompared = passed.files();
                });
        verification
                .failed()
                .ifPresent(failed -> {
                    invalidAt = failed.at();
                    invalidCode = failed.code().name();
                    invalidMessage = failed.message();
                    invalidHint = failed.hint().orElse(null);
                    invalidObject = failed.object().map(ObjectKey::value).orElse(null);
                });
    }

    private void set(Drill drill) {
        drill.passed()
                .ifPresent(passed -> {
                    drilledAt = passed.at();
                    rtoMillis = passed.rto().toMillis();
                    rtoObjectiveMillis = passed.objective().toMillis();
                    tablesRead = passed.tables();
                    rowsRead = passed.rows();
                    amcheck = passed.amcheck();
                });
        drill.failed()
                .ifPresent(failed -> {
                    drillFailedAt = failed.at();
                    drillFailedCode = failed.code().name();
                    drillFailedMessage = failed.message();
                    drillFailedHint = failed.hint().orElse(null);
                    drillFailedObject = failed.object().map(ObjectKey::value).orElse(null);
                });
        drill.skipped()
                .ifPresent(skipped -> {
                    drillSkippedAt = skipped.at();
                    drillSkippedReason = skipped.reason();
                });
    }
}

package io.cairn.catalog;

import io.cairn.events.BackupCompleted;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupFailed;
import io.cairn.events.BackupLocked;
import io.cairn.events.BackupProgressed;
import io.cairn.events.BackupReplicated;
import io.cairn.events.BackupRequested;
import io.cairn.events.BackupSkipped;
import io.cairn.events.BackupStarted;
import io.cairn.events.BackupSuperseded;
import io.cairn.events.CairnEvent;
import io.cairn.events.DrillSkipped;
import io.cairn.events.DueCause;
import io.cairn.events.Objective;
import io.cairn.events.ReplicationLagged;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.TimelineSwitched;
import io.cairn.events.ValidationFailed;
import io.cairn.events.ValidationPassed;
import io.cairn.events.WalArchived;
import io.cairn.events.WalGapCause;
import io.cairn.events.WalGapDetected;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.RunId;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.RunPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Believable histories of a platform, from a seed: what its services would have told, in the order
 * of time.
 */
public final class Histories {

    public static final StoreName PRIMARY = new StoreName("primary");
    public static final StoreName SECONDARY = new StoreName("secondary");
    public static final RunPolicy POLICY =
            new RunPolicy(
                    Duration.ofDays(90),
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(15),
                    List.of(PRIMARY, SECONDARY),
                    6,
                    RunPolicy.VOLUME_BYTES_DEFAULT);

    public static final SystemIdentifier SYSTEM = SystemIdentifier.parse("7301234567890123456");
    private static final Instant BEGIN = Instant.parse("2026-11-22T02:00:00Z");

    private final RandomGenerator random;
    private final List<CairnEvent> events = new ArrayList<>();
    private final List<CommitObject> commits = new ArrayList<>();

    private Histories(RandomGenerator random) {
        this.random = random;
    }

    /**
     * @param events in the order of time, run by run
     * @param commits the commit objects of the completed runs
     */
    public record History(List<CairnEvent> events, List<CommitObject> commits) {}

    public static History of(RandomGenerator random, int runs) {
        Histories histories = new Histories(random);
        for (int i = 0; i < runs; i++) {
            histories.run(i);
        }
        histories.objectives();
        histories.wal();
        return new History(List.copyOf(histories.events), List.copyOf(histories.commits));
    }

    public static RunId runId(String cluster, Instant due) {
        return new RunId(new ClusterName(cluster), BackupLabel.of(due, BackupKind.FULL));
    }

    private void run(int number) {
        Tier tier = Tier.values()[random.nextInt(Tier.values().length)];
        ClusterName cluster = new ClusterName("c-" + tier.id());
        Instant due = BEGIN.plus(Duration.ofHours(number));
        RunId run = new RunId(cluster, BackupLabel.of(due, BackupKind.FULL));
        boolean requested = random.nextInt(4) == 0;
        if (requested) {
            events.add(
                    new BackupRequested(
                            cluster,
                            BackupKind.FULL,
                            due,
                            "op",
                            "key-" + number,
                            Duration.ofHours(1)));
        }
        switch (random.nextInt(10)) {
            case 0 ->
                    events.add(
                            new BackupSkipped(
                                    run, tier, due.plusSeconds(3600), "not started in time"));
            case 1 ->
                    events.add(
                            new BackupSuperseded(
                                    run,
                                    tier,
                                    new RunId(cluster, BackupLabel.of(due, BackupKind.SNAPSHOT)),
                                    due));
            default -> {
                events.add(
                        new BackupDue(
                                run,
                                tier,
                                due,
                                due.plus(Duration.ofHours(1)),
                                requested ? DueCause.REQUESTED : DueCause.SCHEDULED,
                                POLICY));
                attempts(run, tier, due);
            }
        }
    }

    private void attempts(RunId run, Tier tier, Instant due) {
        Instant at = due;
        int attempts = random.nextInt(4);
        for (int i = 0; i < attempts; i++) {
            at = later(at);
            boolean last = i == attempts - 1;
            AttemptId attempt = AttemptId.random(random);
            if (random.nextInt(5) == 0) {
                events.add(failed(run, tier, Optional.empty(), at, !last));
                continue;
            }
            events.add(
                    new BackupStarted(
                            run, tier, attempt, PRIMARY, "executor-" + random.nextInt(3), at));
            for (int p = random.nextInt(3); p > 0; p--) {
                at = later(at);
                events.add(new BackupProgressed(run, attempt, p * 100L, 1000, p * 10L, at));
            }
            at = later(at);
            if (last && random.nextInt(4) > 0) {
                complete(run, tier, attempt, at);
            } else if (random.nextBoolean()) {
                events.add(failed(run, tier, Optional.of(attempt), at, !last));
            }
        }
    }

    private BackupFailed failed(
            RunId run, Tier tier, Optional<AttemptId> attempt, Instant at, boolean retried) {
        return new BackupFailed(
                run,
                tier,
                attempt,
                at,
                ErrorCode.POSTGRES_CONNECTION_LOST,
                "the server closed the connection " + random.nextInt(3),
                random.nextBoolean() ? Optional.of("look at its log") : Optional.empty(),
                retried);
    }

    private void complete(RunId run, Tier tier, AttemptId attempt, Instant completedAt) {
        CommitObject commit = commit(run, tier, attempt, completedAt, random.nextInt(8) == 0);
        commits.add(commit);
        events.add(BackupCompleted.of(commit, object(commit), PRIMARY));
        Instant at = completedAt;
        if (random.nextInt(5) > 0) {
            at = later(at);
            events.add(
                    new BackupReplicated(
                            run,
                            attempt,
                            PRIMARY,
                            SECONDARY,
                            at,
                            Duration.between(completedAt, at),
                            4,
                            1000));
        }
        for (StoreName store : List.of(PRIMARY, SECONDARY)) {
            for (int i = random.nextInt(3); i > 0; i--) {
                at = later(at);
                events.add(proof(run, attempt, store, at));
            }
        }
    }

    private CairnEvent proof(RunId run, AttemptId attempt, StoreName store, Instant at) {
        return switch (random.nextInt(6)) {
            case 0, 1 ->
                    new ValidationPassed(run, attempt, store, at.minusSeconds(1), at, 4, 1000, 90);
            case 2 ->
                    new ValidationFailed(
                            run,
                            attempt,
                            store,
                            random.nextBoolean() ? "bytes" : "drill",
                            at,
                            ErrorCode.ARCHIVE_CORRUPT,
                            "volume 0 is not what was stored",
                            Optional.of("restore from another copy"),
                            Optional.empty());
            case 3 ->
                    new RestoreDrillCompleted(
                            run,
                            attempt,
                            store,
                            at.minusSeconds(9),
                            at,
                            Duration.ofMillis(1000 + random.nextInt(9000)),
                            POLICY.rto(),
                            2,
                            20,
                            1000,
                            random.nextBoolean(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty());
            case 4 ->
                    new BackupLocked(
                            run,
                            attempt,
                            store,
                            random.nextBoolean()
                                    ? ObjectLockMode.GOVERNANCE
                                    : ObjectLockMode.COMPLIANCE,
                            at.plus(Duration.ofDays(90 + random.nextInt(3))),
                            at,
                            4);
            default -> new DrillSkipped(run, attempt, store, at, "no binaries of PostgreSQL 14");
        };
    }

    private void objectives() {
        ClusterName cluster = new ClusterName("c-oltp");
        Instant at = BEGIN;
        for (int i = 0; i < 4; i++) {
            at = later(at);
            Objective objective = random.nextBoolean() ? Objective.RPO : Objective.RTO;
            events.add(
                    random.nextBoolean()
                            ? Fixtures.met(
                                    cluster,
                                    Tier.OLTP,
                                    objective,
                                    POLICY.rto(),
                                    Duration.ofSeconds(i),
                                    at)
                            : Fixtures.breached(
                                    cluster,
                                    Tier.OLTP,
                                    objective,
                                    POLICY.rto(),
                                    Optional.empty(),
                                    "no drill yet",
                                    at));
            events.add(
                    new ReplicationLagged(
                            cluster,
                            PRIMARY,
                            SECONDARY,
                            Duration.ofSeconds(70 + i),
                            Duration.ofSeconds(60),
                            at));
        }
    }

    /** Sessions of a stream: overlapping, with holes, on two timelines, in two stores. */
    private void wal() {
        ClusterName cluster = new ClusterName("c-oltp");
        Instant at = BEGIN;
        for (int i = 0; i < 12; i++) {
            at = later(at);
            StoreName store = random.nextBoolean() ? PRIMARY : SECONDARY;
            Timeline timeline = new Timeline(1 + random.nextInt(2));
            Lsn start = new Lsn((1L + random.nextInt(20)) << 24);
            Optional<Instant> until =
                    random.nextInt(4) == 0 ? Optional.empty() : Optional.of(at.minusNanos(1500));
            events.add(
                    new WalArchived(
                            cluster,
                            Tier.OLTP,
                            SYSTEM,
                            timeline,
                            random.nextInt(8) == 0
                                    ? Optional.of("0123456789abcdef0123456789abcdef")
                                    : Optional.empty(),
                            store,
                            start,
                            start.plus((long) random.nextInt(4) << 24),
                            until,
                            random.nextBoolean() ? Optional.of(at) : Optional.empty(),
                            at));
            if (random.nextInt(3) == 0) {
                events.add(
                        new WalGapDetected(
                                cluster,
                                Tier.OLTP,
                                SYSTEM,
                                timeline,
                                store,
                                WalGapCause.REMOVED,
                                start,
                                random.nextBoolean()
                                        ? Optional.of(start.plus(1 << 24))
                                        : Optional.empty(),
                                Optional.empty(),
                                "the slot was lost",
                                at));
            }
            if (random.nextInt(4) == 0) {
                events.add(
                        new TimelineSwitched(
                                cluster,
                                Tier.OLTP,
                                SYSTEM,
                                store,
                                new Timeline(1),
                                new Timeline(2),
                                start.plus(40),
                                at));
            }
        }
    }

    /**
     * With nanoseconds, as clocks have them and PostgreSQL has not; now and then the same moment
     * again.
     */
    private Instant later(Instant at) {
        return at.plusNanos(
                random.nextInt(4) == 0 ? random.nextInt(2_000) : random.nextInt(2_000_000_000));
    }

    /** A commit object of one volume. */
    public static CommitObject commit(
            RunId run, Tier tier, AttemptId attempt, Instant completedAt, boolean damaged) {
        return commit(run, tier, attempt, completedAt, damaged, 1000);
    }

    public static CommitObject commit(
            RunId run,
            Tier tier,
            AttemptId attempt,
            Instant completedAt,
            boolean damaged,
            long bytesIn) {
        BackupLayout layout = new BackupLayout(new ClusterRoot(run.cluster(), SYSTEM), run.label());
        StoredObject volume = part(layout.volume(attempt, "base.tar", 0));
        return new CommitObject(
                CommitObject.FORMAT,
                run.cluster(),
                SYSTEM,
                tier,
                run.label(),
                attempt,
                0,
                completedAt.minusSeconds(60),
                completedAt,
                new Timeline(1),
                Lsn.parse("0/2000028"),
                Lsn.parse("0/2000120"),
                Optional.empty(),
                180006,
                16 << 20,
                true,
                6,
                "jdk",
                "00ff00ff",
                part(layout.wrappedKey(attempt)),
                part(layout.manifest(attempt)),
                part(layout.index(attempt)),
                List.of(
                        new io.cairn.model.backup.Archive(
                                "base.tar",
                                Optional.empty(),
                                bytesIn,
                                List.of(new io.cairn.model.backup.Volume(volume, 0, bytesIn)))),
                90,
                bytesIn,
                damaged
                        ? List.of(new CommitObject.PageDamage("base/1/1259", Optional.of(7L)))
                        : List.of(),
                Map.of("max_connections", "100"));
    }

    /** The bytes under a part's key are the key's own text. */
    public static StoredObject part(io.cairn.model.ObjectKey key) {
        byte[] bytes = key.value().getBytes(StandardCharsets.UTF_8);
        return new StoredObject(key, bytes.length, Sha256.of(bytes));
    }

    /** A commit object as it lies in the bucket. */
    public static StoredObject object(CommitObject commit) {
        byte[] json = commit.toJson();
        return new StoredObject(commit.layout().commit(), json.length, Sha256.of(json));
    }
}

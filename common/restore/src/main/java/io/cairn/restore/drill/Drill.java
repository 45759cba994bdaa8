package io.cairn.restore.drill;

import io.cairn.archive.key.Identity;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Caller;
import io.cairn.model.record.ReadLease;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.lease.HeldLease;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.restore.recovery.Recovery;
import io.cairn.restore.recovery.RecoveryPlan;
import io.cairn.restore.recovery.RecoveryPlanner;
import io.cairn.restore.recovery.RecoveryProgress;
import io.cairn.restore.recovery.RecoveryRequest;
import io.cairn.restore.recovery.RecoveryResult;
import io.cairn.restore.recovery.RecoverySettings;
import io.cairn.restore.recovery.RecoveryTarget;
import io.cairn.restore.server.ApartConfiguration;
import io.cairn.restore.server.ApartServer;
import io.cairn.restore.target.TablespaceMapping;
import io.cairn.restore.target.TargetErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;

/**
 * Proves that a backup restores, alone or with the WAL behind it: into a scratch directory, where a
 * real server of the same major version is booted on it, sandboxed, listening on a private socket
 * only, with a configuration that is generated and nothing else; every database that allows
 * connections is connected to, every table read, and checked by amcheck. Nothing outside of the
 * scratch directory is touched, and nothing of it remains.
 *
 * <p>Thread-safe; whoever runs several at once needs the disk for all of them.
 */
public final class Drill {

    private static final String ASIDE = ".source";

    private final DrillSettings settings;
    private final Identity identity;
    private final InstantSource clock;
    private final RandomGenerator random;

    /**
     * @param identity a recipient's private key
     */
    public Drill(
            DrillSettings settings,
            Identity identity,
            InstantSource clock,
            RandomGenerator random) {
        this.settings = settings;
        this.identity = identity;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Removes what killed drills left, and ends their servers. To be called at the start: else the
     * next drill does it.
     *
     * @throws CairnException {@link ErrorCode#TARGET_UNWRITABLE}
     */
    public void cleanUp() {
        ScratchDirectory.removeAbandoned(settings.scratch());
    }

    /**
     * Drills one copy of a backup.
     *
     * @throws CairnException if the backup does not restore (codes of {@link RestoreEngine}), does
     *     not boot ({@link ErrorCode#POSTGRES_BOOT_FAILED}) or does not read ({@link
     *     ErrorCode#DRILL_FAILED}); {@link ErrorCode#RUN_DEADLINE_PASSED} if it took longer than
     *     the limit
     * @throws InterruptedException if the calling thread was interrupted; everything is cleaned up
     */
    public DrillOutcome run(BackupReader store, BackupLayout layout) throws InterruptedException {
        return run(store, layout, Optional.empty(), Optional.empty());
    }

    /**
     * Drills one copy of a backup and the WAL behind it, from the same store. Where there is no WAL
     * behind it, the backup alone.
     *
     * @param target is asked once
     * @throws CairnException as {@link #run(BackupReader, BackupLayout)}, and those of {@link
     *     Recovery}
     */
    public DrillOutcome run(BackupReader store, BackupLayout layout, TargetChoice target)
            throws InterruptedException {
        return run(store, layout, Optional.empty(), Optional.of(target));
    }

    /**
     * Drills one copy of an attempt at a run, which may have come second.
     *
     * @param target empty for the backup alone
     * @throws CairnException as the others
     */
    public DrillOutcome run(
            BackupReader store,
            BackupLayout layout,
            AttemptId attempt,
            Optional<TargetChoice> target)
            throws InterruptedException {
        return run(store, layout, Optional.of(attempt), target);
    }

    private DrillOutcome run(
            BackupReader store,
            BackupLayout layout,
            Optional<AttemptId> attempt,
            Optional<TargetChoice> target)
            throws InterruptedException {
        StoredBackup backup =
                attempt.map(wanted -> store.find(layout, wanted))
                        .orElseGet(() -> store.find(layout))
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.BACKUP_NOT_FOUND,
                                        "there is no backup "
                                                + layout.commit()
                                                + " in "
                                                + store.name(),
                                        "see what there is with: cairn list"));
        try {
            PostgresBinaries binaries =
                    PostgresBinaries.find(backup.commit().majorVersion(), settings.postgres());
            return guarded(new Run(store, backup.commit(), binaries, target));
        } catch (CairnException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException(
                        "the drill of " + layout.commit() + " was interrupted");
            }
            if (e.code() == ErrorCode.POSTGRES_BINARIES_MISSING
                    || e.code() == ErrorCode.TARGET_NO_SPACE) {
                return skipped(e.messageWithHint());
            }
            if (e.code() == ErrorCode.POSTGRES_BOOT_FAILED
                    && MachineLimits.explain(e.getMessage())) {
                return skipped(e.getMessage());
            }
            throw e;
        }
    }

    private DrillOutcome skipped(String reason) {
        return new DrillOutcome.Skipped(clock.instant(), reason);
    }

    /** What is drilled, and with which programs. */
    private record Run(
            BackupReader store,
            CommitObject commit,
            PostgresBinaries binaries,
            Optional<TargetChoice> target) {}

    private DrillOutcome guarded(Run run) throws InterruptedException {
        try (ScratchDirectory scratch = ScratchDirectory.in(settings.scratch(), random)) {
            DrillGuard guard = DrillGuard.over(scratch.path(), settings);
            try (guard) {
                return drilled(run, scratch, guard);
            } catch (CairnException | InterruptedException e) {
                guard.requireWithinLimits(e);
                throw e;
            }
        } catch (IOException e) {
            throw TargetErrors.of(settings.scratch(), e);
        }
    }

    private DrillOutcome drilled(Run run, ScratchDirectory scratch, DrillGuard guard)
            throws InterruptedException, IOException {
        Findings findings = new Findings(clock.instant(), System.nanoTime());
        Optional<RecoveryPlan> recovery =
                run.target().flatMap(target -> recovery(run, target, scratch));
        RestorePlan plan =
                recovery.map(RecoveryPlan::base).orElseGet(() -> backupAlone(run, scratch));
        requireRoom(plan);
        try (HeldLease _ =
                HeldLease.on(plan, recovery, reader(), clock, random, findings.notes::add)) {
            new RestoreEngine(settings.restore()).restore(plan, RestoreProgress.NONE);
            findings.restored(plan);
            if (recovery.isPresent()) {
                RecoveryResult result =
                        new Recovery(recoverySettings(scratch))
                                .run(recovery.get(), RecoveryProgress.NONE);
                findings.recovered(recovery.get(), result);
            }
        }
        setAside(scratch.data());
        try (LocalServer server = boot(run, scratch)) {
            guard.kills(server::kill);
            return read(server, findings);
        }
    }

    private static HeldLease.Reader reader() {
        return new HeldLease.Reader(ReadLease.Purpose.DRILL, Caller.current());
    }

    private RestorePlan backupAlone(Run run, ScratchDirectory scratch) {
        return new RestorePlanner(
                        new BackupLister(List.of(run.store())),
                        identity,
                        settings.restore().reading().codec())
                .plan(request(run.commit(), scratch));
    }

    /** Empty where nothing is stored behind the backup. */
    private Optional<RecoveryPlan> recovery(
            Run run, TargetChoice target, ScratchDirectory scratch) {
        CommitObject commit = run.commit();
        RecoveryPlan latest =
                new RecoveryPlanner(
                                new BackupLister(List.of(run.store())),
                                List.of(run.store().store()),
                                identity,
                                settings.restore().reading().codec())
                        .plan(
                                RecoveryRequest.of(
                                                commit.cluster(),
                                                new RecoveryTarget.Latest(),
                                                scratch.data())
                                        .withBase(
                                                new BackupSelection.Attempt(
                                                        commit.label(), commit.attempt()))
                                        .withSystemIdentifier(commit.systemIdentifier())
                                        .withTablespaces(mapping(commit, scratch)));
        return latest.recoverableUntil()
                .filter(until -> latest.wal().isPresent() && until.isAfter(commit.completedAt()))
                .map(until -> target.between(commit.completedAt(), until))
                .map(time -> latest.endingAt(new RecoveryTarget.Time(time)));
    }

    /**
     * @throws CairnException {@link ErrorCode#TARGET_NO_SPACE}
     */
    private void requireRoom(RestorePlan plan) {
        long needed = plan.space().total();
        if (settings.scratchBytesMax().isPresent()
                && needed > settings.scratchBytesMax().getAsLong()) {
            throw DrillGuard.tooLarge(
                    "its %d MiB are more than".formatted(needed >> 20),
                    settings.scratchBytesMax().getAsLong());
        }
    }

    private RecoverySettings recoverySettings(ScratchDirectory scratch) {
        RecoverySettings defaults = RecoverySettings.defaults();
        return new RecoverySettings(
                defaults.aheadBytes(),
                defaults.fetchThreads(),
                defaults.fetchMemoryBytes(),
                defaults.fetchTimeout(),
                defaults.stallTimeout(),
                settings.startTimeout(),
                settings.sharedBuffersMegabytes(),
                settings.postgres(),
                settings.preloadLibraries(),
                Optional.of(scratch.path()));
    }

    private static RestoreRequest request(CommitObject commit, ScratchDirectory scratch) {
        return RestoreRequest.of(
                        commit.cluster(),
                        new BackupSelection.Attempt(commit.label(), commit.attempt()),
                        scratch.data())
                .withSystemIdentifier(commit.systemIdentifier())
                .withTablespaces(mapping(commit, scratch));
    }

    private static TablespaceMapping mapping(CommitObject commit, ScratchDirectory scratch) {
        Map<Path, Path> tablespaces = new LinkedHashMap<>();
        tablespaces(commit)
                .forEach(tablespace ->
                        tablespaces.put(
                                Path.of(tablespace.location()).normalize(),
                                scratch.tablespace(tablespace.oid())));
        return new TablespaceMapping(tablespaces);
    }

    /** Those outside of the data directory. */
    private static List<Tablespace> tablespaces(CommitObject commit) {
        return commit.archives().stream()
                .flatMap(archive -> archive.tablespace().stream())
                .filter(tablespace -> Path.of(tablespace.location()).isAbsolute())
                .toList();
    }

    /**
     * What the server would read beside the generated configuration, or that would make it wait for
     * WAL.
     */
    private static void setAside(Path dataDirectory) throws IOException {
        for (String name : List.of("postgresql.auto.conf", "standby.signal", "recovery.signal")) {
            Path file = dataDirectory.resolve(name);
            if (Files.exists(file)) {
                Files.move(file, dataDirectory.resolve(name + ASIDE));
            }
        }
    }

    private LocalServer boot(Run run, ScratchDirectory scratch) {
        LocalServer.Builder builder =
                LocalServer.on(run.binaries(), scratch.data())
                        .sandboxed()
                        .runDirectoryIn(scratch.path())
                        .ownConfigurationOnly()
                        .logFile(scratch.log())
                        .startTimeout(settings.startTimeout())
                        .settings(
                                ApartConfiguration.of(
                                        "cairn-drill",
                                        run.commit(),
                                        settings.sharedBuffersMegabytes(),
                                        settings.preloadLibraries()));
        tablespaces(run.commit())
                .forEach(tablespace -> builder.alsoOwned(scratch.tablespace(tablespace.oid())));
        return builder.start();
    }

    private DrillOutcome read(LocalServer server, Findings findings)
            throws IOException, InterruptedException {
        String database = "postgres";
        try {
            Optional<ApartServer> connected = ApartServer.of(server);
            if (connected.isEmpty()) {
                return skipped(
                        "the cluster has no superuser that may log in, so nobody can read all of it");
            }
            findings.answered(server);
            for (String name : connected.get().databases()) {
                database = name;
                findings.add(connected.get(), name);
            }
            return findings.completed(clock.instant());
        } catch (SQLException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the drill was interrupted");
            }
            if (MachineLimits.explain(String.valueOf(e.getMessage()))) {
                return skipped("database " + database + ": " + e.getMessage());
            }
            throw failed(database, e);
        }
    }

    private static CairnException failed(String database, SQLException e) {
        return new CairnException(
                ErrorCode.DRILL_FAILED,
                "the restored server is wrong in database " + database + ": " + e.getMessage(),
                "restore another copy or another backup, and check the source with amcheck",
                e);
    }

    /** What was seen, from the plan to the last database. */
    private static final class Findings {

        private final Instant startedAt;
        private final long start;
        private Duration rto = Duration.ZERO;
        private List<BackupLabel> chain = List.of();
        private long bytes;
        private Optional<DrillOutcome.PointInTime> pointInTime = Optional.empty();
        private int databases;
        private long tables;
        private long rows;
        private boolean amcheck = true;
        private final List<String> notes = new CopyOnWriteArrayList<>();

        Findings(Instant startedAt, long start) {
            this.startedAt = startedAt;
            this.start = start;
        }

        void restored(RestorePlan plan) {
            chain = plan.chain().stream().map(each -> each.commit().label()).toList();
            bytes = plan.bytesToWrite();
        }

        void recovered(RecoveryPlan plan, RecoveryResult result) {
            if (!(plan.target() instanceof RecoveryTarget.Time(Instant target))) {
                throw CairnException.bug("a drill recovers to a time");
            }
            long walBytes = result.replayed().minus(plan.commit().startLsn());
            pointInTime =
                    Optional.of(new DrillOutcome.PointInTime(target, result.replayed(), walBytes));
        }

        void answered(LocalServer server) {
            rto = Duration.ofNanos(System.nanoTime() - start);
            if (server.hasNetwork()) {
                notes.add(
                        "the server could have reached the network: this machine makes no namespaces"
                                + " for it");
            }
        }

        void add(ApartServer server, String database) throws SQLException {
            try (Connection connection = server.connect(database)) {
                ApartServer.disableEventTriggers(connection);
                DatabaseScan scan = DatabaseScan.of(connection);
                databases++;
                tables += scan.tables();
                rows += scan.rows();
                switch (AmCheck.check(connection)) {
                    case AmCheck.Result.Sound(List<String> unchecked) ->
                            unchecked.forEach(
                                    each -> notes.add("database " + database + ": " + each));
                    case AmCheck.Result.Unavailable() -> {
                        amcheck = false;
                        notes.add(
                                "database "
                                        + database
                                        + ": the extension amcheck is not installed with these programs");
                    }
                }
            }
        }

        DrillOutcome.Completed completed(Instant completedAt) {
            return new DrillOutcome.Completed(
                    startedAt,
                    completedAt,
                    rto,
                    chain,
                    bytes,
                    pointInTime,
                    databases,
                    tables,
                    rows,
                    amcheck,
                    notes);
        }
    }
}

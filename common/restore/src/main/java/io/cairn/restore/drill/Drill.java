package io.cairn.restore.drill;

import io.cairn.archive.key.Identity;
import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreProgress;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Proves that a backup restores: into a scratch directory, where a real server of the same major
 * version is booted on it, listening on a private socket only, with a configuration that is
 * generated and nothing else; every database that allows connections is connected to, every table
 * read, and checked by amcheck. Nothing outside of the scratch directory is touched, and nothing of
 * it remains.
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
     * Drills one copy of a backup.
     *
     * @throws CairnException if the backup does not restore (codes of {@link RestoreEngine}), does
     *     not boot ({@link ErrorCode#POSTGRES_BOOT_FAILED}) or does not read ({@link
     *     ErrorCode#DRILL_FAILED}); {@link ErrorCode#RUN_DEADLINE_PASSED} if it took longer than
     *     the limit
     * @throws InterruptedException if the calling thread was interrupted; everything is cleaned up
     */
    public DrillOutcome run(BackupReader store, BackupLayout layout) throws InterruptedException {
        StoredBackup backup =
                store.find(layout)
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
            return run(store, backup.commit(), binaries);
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

    private DrillOutcome run(BackupReader store, CommitObject commit, PostgresBinaries binaries)
            throws InterruptedException {
        Instant startedAt = clock.instant();
        long start = System.nanoTime();
        try (ScratchDirectory scratch = ScratchDirectory.in(settings.scratch(), random)) {
            RestorePlan plan =
                    new RestorePlanner(
                                    new BackupLister(List.of(store)),
                                    identity,
                                    settings.restore().reading().codec())
                            .plan(request(commit, scratch));
            new RestoreEngine(settings.restore()).restore(plan, RestoreProgress.NONE);
            setAside(scratch.data());
            Duration left = settings.limit().minusNanos(System.nanoTime() - start);
            try (LocalServer server = boot(commit, binaries, scratch);
                    Deadline deadline = Deadline.in(left, server::kill)) {
                return read(server, deadline, startedAt, start);
            }
        } catch (IOException e) {
            throw TargetErrors.of(settings.scratch(), e);
        }
    }

    private static RestoreRequest request(CommitObject commit, ScratchDirectory scratch) {
        Map<Path, Path> tablespaces = new LinkedHashMap<>();
        tablespaces(commit)
                .forEach(tablespace ->
                        tablespaces.put(
                                Path.of(tablespace.location()).normalize(),
                                scratch.tablespace(tablespace.oid())));
        return RestoreRequest.of(
                        commit.cluster(),
                        new BackupSelection.Labelled(commit.label()),
                        scratch.data())
                .withSystemIdentifier(commit.systemIdentifier())
                .withTablespaces(new TablespaceMapping(tablespaces));
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

    private LocalServer boot(
            CommitObject commit, PostgresBinaries binaries, ScratchDirectory scratch) {
        LocalServer.Builder builder =
                LocalServer.on(binaries, scratch.data())
                        .privateSocket()
                        .ownConfigurationOnly()
                        .logFile(scratch.log())
                        .startTimeout(settings.startTimeout())
                        .settings(
                                ApartConfiguration.of(
                                        "cairn-drill",
                                        commit,
                                        settings.sharedBuffersMegabytes(),
                                        settings.preloadLibraries()));
        tablespaces(commit)
                .forEach(tablespace -> builder.alsoOwned(scratch.tablespace(tablespace.oid())));
        return builder.start();
    }

    private DrillOutcome read(LocalServer server, Deadline deadline, Instant startedAt, long start)
            throws IOException, InterruptedException {
        String database = "postgres";
        try {
            Optional<DrilledServer> connected = DrilledServer.of(server);
            if (connected.isEmpty()) {
                return skipped(
                        "the cluster has no superuser that may log in, so nobody can read all of it");
            }
            Duration rto = Duration.ofNanos(System.nanoTime() - start);
            Findings findings = new Findings();
            for (String name : connected.get().databases()) {
                database = name;
                findings.add(connected.get(), name);
            }
            return findings.completed(startedAt, clock.instant(), rto);
        } catch (SQLException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the drill was interrupted");
            }
            deadline.requireNotPassed();
            if (MachineLimits.explain(String.valueOf(e.getMessage()))) {
                return skipped("database " + database + ": " + e.getMessage());
            }
            throw DrilledServer.failed(database, e);
        }
    }

    /** What all databases together showed. */
    private static final class Findings {

        private int databases;
        private long tables;
        private long rows;
        private boolean amcheck = true;
        private final List<String> notes = new ArrayList<>();

        void add(DrilledServer server, String database) throws SQLException {
            try (Connection connection = server.connect(database)) {
                DrilledServer.disableEventTriggers(connection);
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

        DrillOutcome.Completed completed(Instant startedAt, Instant completedAt, Duration rto) {
            return new DrillOutcome.Completed(
                    startedAt, completedAt, rto, databases, tables, rows, amcheck, notes);
        }
    }
}

package io.cairn.cli;

import io.cairn.config.ClusterConfig;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.recovery.RecoveryTarget;
import io.cairn.restore.recovery.StoredReach;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "create",
        description = {
            "Names the cluster's present position, and returns when a restore can bring it back: when"
                    + " the stores hold",
            "all WAL from the newest backup to it. Does not wait for synchronous standbys.",
            "If the name exists already, a restore takes the newest point of that name."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Needs, in the maintenance database: GRANT EXECUTE ON FUNCTION pg_create_restore_point(text)"
                    + " TO cairn;",
            "",
            "Examples:",
            "  cairn restore-point create --cluster shop --name 'before the release'",
            "  cairn restore-point create --cluster shop --name r42 --wait 30s -o json"
        })
final class RestorePointCreateCommand implements Callable<Integer> {

    private static final Duration LOOK = Duration.ofSeconds(1);

    /**
     * A restore point in JSON output.
     *
     * @param stores that hold its WAL
     * @param base the backup that a restore would begin with
     */
    record RestorePoint(
            ClusterName cluster,
            String name,
            Lsn lsn,
            Timeline timeline,
            Instant time,
            List<StoreName> stores,
            BackupLabel base) {}

    @ParentCommand private RestorePointCommand parent = new RestorePointCommand();

    @Mixin private final Output output = new Output();

    @Option(
            names = "--cluster",
            required = true,
            paramLabel = "NAME",
            description = "The cluster's name in the configuration.")
    private String cluster = "";

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "What the point is called, at most 63 bytes.")
    private String name = "";

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            defaultValue = "5m",
            converter = DurationOption.class,
            description =
                    "How long the WAL may take into the stores, such as 30s or 10m; then the command"
                            + " fails, and the point still exists. Default: 5m.")
    private Duration wait = Duration.ofMinutes(5);

    @Override
    public Integer call() throws InterruptedException {
        String point = new RecoveryTarget.Name(name).name();
        try (Session session = Session.open(parent.options())) {
            ClusterConfig config = session.config().cluster(new ClusterName(cluster));
            try (ServerConnection connection =
                    new ClusterConnector(config).connectToPrimary("cairn restore-point")) {
                NamedPosition server = new NamedPosition(connection, config);
                server.requireRight();
                StoredReach stored = reach(session, server);
                NamedPosition.Created created = server.create(point);
                awaitStored(created, stored, server);
                report(
                        new RestorePoint(
                                config.name(),
                                point,
                                created.lsn(),
                                server.history().timeline(),
                                created.time(),
                                stored.holding(created.lsn()),
                                stored.base().label()));
            }
        }
        return ExitCode.OK.code();
    }

    /** A point that nothing leads to is not made. */
    private StoredReach reach(Session session, NamedPosition server) {
        BackupListing listing = session.lister().list(new ClusterName(cluster));
        listing.problems().forEach(problem -> output.warn("not read: " + problem.message()));
        List<CommitObject> backups =
                listing.backups().stream()
                        .map(ListedBackup::commit)
                        .filter(commit ->
                                commit.systemIdentifier().equals(server.systemIdentifier()))
                        .toList();
        return StoredReach.of(backups, server.history(), session.stores())
                .orElseThrow(() ->
                        new CairnException(
                                ErrorCode.BACKUP_NOT_FOUND,
                                "no backup of cluster "
                                        + cluster
                                        + " leads to its present position, so no restore point was made",
                                "take one first: cairn backup " + cluster));
    }

    private void awaitStored(
            NamedPosition.Created created, StoredReach stored, NamedPosition server)
            throws InterruptedException {
        Lsn from = stored.base().stopLsn();
        Instant until = Instant.now().plus(wait);
        Optional<CairnException> failure;
        Lsn reached = from;
        try (Progress progress = Progress.onStandardError("storing WAL")) {
            while (true) {
                failure = Optional.empty();
                try {
                    reached = stored.end();
                } catch (CairnException e) {
                    if (e.category() != ErrorCategory.TRANSIENT) {
                        throw e;
                    }
                    failure = Optional.of(e);
                }
                progress.update(Math.max(0, reached.minus(from)), created.lsn().minus(from));
                if (reached.compareTo(created.lsn()) >= 0) {
                    return;
                }
                if (!Instant.now().isBefore(until)) {
                    break;
                }
                Thread.sleep(LOOK);
            }
        }
        throw failure.orElse(notStored(created, stored, reached, server));
    }

    private CairnException notStored(
            NamedPosition.Created created, StoredReach stored, Lsn reached, NamedPosition server) {
        return new CairnException(
                ErrorCode.WAL_NOT_STORED,
                "restore point '%s' is at %s, but from the end of %s on the WAL of cluster %s is stored to %s only, after %s"
                        .formatted(
                                name,
                                created.lsn(),
                                stored.base().label(),
                                cluster,
                                reached.compareTo(stored.base().stopLsn()) < 0
                                        ? stored.base().stopLsn()
                                        : reached,
                                Format.duration(wait)),
                server.isStreamed()
                        ? "its stream runs and will store it; see how far it is: cairn wal status --cluster "
                                + cluster
                        : "nobody streams its WAL: start an executor of its tier; the point exists and can be"
                                + " restored once its WAL is stored");
    }

    private void report(RestorePoint point) {
        output.print(
                parent.options().output(),
                "restorePoint",
                point,
                () ->
                        output.line(
                                "restore point '%s' of %s at LSN %s, %s, is stored in %s; a restore begins with %s"
                                        .formatted(
                                                point.name(),
                                                point.cluster(),
                                                point.lsn(),
                                                point.time(),
                                                point.stores().stream()
                                                        .map(store -> "'" + store + "'")
                                                        .collect(Collectors.joining(", ")),
                                                point.base())));
    }
}

package io.cairn.cli;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.record.Caller;
import io.cairn.model.record.ReadLease;
import io.cairn.model.wal.LsnRange;
import io.cairn.postgres.server.LocalServer;
import io.cairn.restore.contents.ContentReader;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreResult;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.lease.HeldLease;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.restore.recovery.Recovery;
import io.cairn.restore.recovery.RecoveryPlan;
import io.cairn.restore.recovery.RecoveryPlanner;
import io.cairn.restore.recovery.RecoveryRequest;
import io.cairn.restore.recovery.RecoveryResult;
import io.cairn.restore.recovery.RecoverySettings;
import io.cairn.restore.recovery.RecoveryTarget;
import io.cairn.restore.recovery.TargetAction;
import io.cairn.restore.target.TablespaceMapping;
import io.cairn.restore.thaw.ThawPlan;
import io.cairn.restore.thaw.ThawPlanner;
import io.cairn.restore.wal.WalInventory;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "restore",
        description = {
            "Restores a cluster into an empty directory, from bucket and key alone.",
            "The newest backup before the target is unpacked, every file compared with the server's"
                    + " manifest,",
            "and the WAL from there to the target replayed by a server on a private socket. A"
                    + " recovered",
            "cluster is on a new timeline. A restore point or transaction is looked for in the stored WAL first.",
            "A restore that was interrupted goes on when it is run again: files that are complete are kept."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  cairn restore --cluster shop --target-dir /var/lib/postgresql/18/restored",
            "  cairn restore --cluster shop --target-time '2026-11-22 18:00:00+01' --target-dir"
                    + " /restore/shop",
            "  cairn restore --cluster shop --set 20261122T020000Z-F --target-dir /restore/shop \\",
            "      --tablespace-map /srv/fast=/restore/fast"
        })
final class RestoreCommand implements Callable<Integer> {

    /**
     * A plan in JSON output.
     *
     * @param whole whether it names all that has to be thawed; else it is made again after that
     */
    record Plan(
            ClusterName cluster,
            BackupLabel label,
            AttemptId attempt,
            StoreName store,
            Path directory,
            long bytesToFetch,
            long bytesToWrite,
            long files,
            List<BackupLabel> onTopOf,
            Set<String> databases,
            Optional<RecoveryView> recovery,
            long bytesOfSpace,
            TimeExpected expected,
            Optional<ThawOptions.View> thaw,
            boolean whole,
            List<String> notes) {

        private static Plan of(Planned planned, ThawOptions thawing) {
            RestorePlan plan = planned.plan();
            Optional<RecoveryPlan> recovery = planned.recovery();
            return new Plan(
                    plan.commit().cluster(),
                    plan.commit().label(),
                    plan.commit().attempt(),
                    plan.storeName(),
                    plan.directory(),
                    plan.bytesToFetch(),
                    plan.bytesToWrite(),
                    plan.files(),
                    plan.before().stream().map(backup -> backup.commit().label()).toList(),
                    new TreeSet<>(plan.databases().named()),
                    recovery.map(RecoveryView::of),
                    plan.space().total(),
                    TimeExpected.of(plan, recovery),
                    thawing.view(planned.thaw()),
                    planned.isWhole(),
                    recovery.map(RecoveryPlan::notes).orElse(plan.notes()));
        }
    }

    /** The part of a plan in JSON output that replays WAL. */
    record RecoveryView(
            String target,
            Timeline timeline,
            String action,
            Optional<Lsn> walFrom,
            Lsn walTo,
            long walBytesToFetch,
            Optional<Instant> recoverableUntil) {

        static RecoveryView of(RecoveryPlan plan) {
            return new RecoveryView(
                    plan.target().toString(),
                    plan.timeline(),
                    plan.action().toString(),
                    plan.wal().map(LsnRange::start),
                    plan.end(),
                    plan.walBytesToFetch(),
                    plan.recoverableUntil());
        }
    }

    /** A finished recovery in JSON output. */
    record Recovered(
            Optional<Timeline> timeline,
            Lsn replayedTo,
            Optional<Instant> lastCommit,
            long segments,
            long elapsedMillis) {

        static Recovered of(RecoveryResult result) {
            return new Recovered(
                    result.timeline(),
                    result.replayed(),
                    result.lastCommit(),
                    result.segments(),
                    result.elapsed().toMillis());
        }
    }

    /** A finished restore in JSON output. */
    record Restored(
            ClusterName cluster,
            BackupLabel label,
            AttemptId attempt,
            StoreName store,
            Path directory,
            long bytesFetched,
            long bytesWritten,
            long bytesKept,
            long files,
            long elapsedMillis,
            Optional<Recovered> recovery) {

        static Restored of(RestoreResult result, Optional<RecoveryResult> recovery) {
            return new Restored(
                    result.commit().cluster(),
                    result.commit().label(),
                    result.commit().attempt(),
                    result.store(),
                    result.directory(),
                    result.bytesFetched(),
                    result.bytesWritten(),
                    result.bytesKept(),
                    result.files(),
                    result.elapsed().toMillis(),
                    recovery.map(Recovered::of));
        }
    }

    @ParentCommand private Cairn cairn = new Cairn();

    @Mixin private final Output output = new Output();

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            required = true,
            description = "The cluster's name in the configuration.")
    private String cluster = "";

    @Option(
            names = "--set",
            paramLabel = "LABEL",
            defaultValue = "latest",
            description =
                    "The backup to begin with. Default: the newest before the target. A label"
                            + " without a target restores that backup alone. LABEL@ATTEMPT is that"
                            + " attempt of two that were committed: cairn list shows them.")
    private String set = "latest";

    @Option(
            names = "--target-dir",
            paramLabel = "DIR",
            required = true,
            description =
                    "Becomes the data directory; empty, not existing, or left by a restore that was"
                            + " interrupted.")
    private Path directory = Path.of("");

    @Option(
            names = "--tablespace-map",
            paramLabel = "OLD=NEW",
            description = "Puts a tablespace into another directory than it had on the source.")
    private List<String> tablespaces = new ArrayList<>();

    @Option(
            names = "--database",
            paramLabel = "NAME",
            description = {
                "Brings back this database only, besides postgres, the templates and what all share; may be repeated.",
                "The others are made of empty files, and dropped when the cluster has been promoted."
            })
    private Set<String> databases = new LinkedHashSet<>();

    @Option(
            names = "--system-identifier",
            paramLabel = "ID",
            description = "Which cluster, where it was created anew under its name.")
    private @Nullable String systemIdentifier;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Volumes fetched and decoded at once. Default: two for each core.")
    private @Nullable Integer threads;

    @ArgGroup(multiplicity = "0..1")
    private TargetOptions target = new TargetOptions();

    @Option(
            names = "--target-timeline",
            paramLabel = "N",
            description = "The timeline to follow to the target. Default: the newest.")
    private @Nullable Integer timeline;

    @Option(
            names = "--target-action",
            paramLabel = "ACTION",
            defaultValue = "promote",
            description =
                    "What becomes of the cluster at the target: promote, pause or shutdown."
                            + " Default: promote.")
    private String action = "promote";

    @Option(
            names = "--start",
            description =
                    "Runs the restored cluster afterwards, on a private socket, until cairn is"
                            + " ended.")
    private boolean start;

    @Mixin private final ThawOptions thawing = new ThawOptions();

    @Option(names = "--dry-run", description = "Makes and shows the plan, and ends.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        Optional<RecoveryTarget> wanted = target.target();
        TargetAction atTarget = TargetAction.parse(action);
        try (Session session = Session.open(cairn.options())) {
            BackupSelection given = BackupSelection.parse(set);
            Planned planned = plan(session, wanted, atTarget, given);
            if (dryRun) {
                output.print(
                        cairn.options().output(),
                        "plan",
                        Plan.of(planned, thawing),
                        () -> output.line(describe(planned)));
                return ExitCode.OK.code();
            }
            output.note(describe(planned));
            run(
                    session,
                    planned,
                    () -> plan(session, planned.target(wanted), atTarget, planned.base(given)));
            return ExitCode.OK.code();
        }
    }

    /**
     * What was planned.
     *
     * @param thaw what the restore cannot read before it is thawed
     */
    private record Planned(RestorePlan plan, Optional<RecoveryPlan> recovery, ThawPlan thaw) {

        /** Whether nothing more has to be known that is still archived. */
        boolean isWhole() {
            return recovery.map(RecoveryPlan::isWhole).orElse(true);
        }

        void requireWhole() {
            recovery.ifPresent(RecoveryPlan::requireWhole);
        }

        /** To where the same plan goes when it is made again. */
        Optional<RecoveryTarget> target(Optional<RecoveryTarget> given) {
            return given.or(() -> recovery.map(RecoveryPlan::target));
        }

        /** With which backup the same plan begins when it is made again. */
        BackupSelection base(BackupSelection given) {
            return given instanceof BackupSelection.Latest
                    ? new BackupSelection.Labelled(plan.commit().label())
                    : given;
        }
    }

    private Planned plan(
            Session session,
            Optional<RecoveryTarget> wanted,
            TargetAction atTarget,
            BackupSelection base) {
        Optional<RecoveryPlan> recovery = planRecovery(session, wanted, atTarget, base);
        RestorePlan plan =
                recovery.isPresent()
                        ? recovery.get().base()
                        : new RestorePlanner(session.lister(), session.identity(), GzipCodec.best())
                                .plan(request());
        recovery.map(RecoveryPlan::notes).orElse(plan.notes()).forEach(output::warn);
        ThawPlanner planner = new ThawPlanner(InstantSource.system());
        ThawPlan thaw = recovery.map(planner::plan).orElseGet(() -> planner.plan(plan));
        if (!thaw.wal().isEmpty()) {
            output.warn(
                    thaw.wal().size()
                            + " objects of WAL are archived, first "
                            + thaw.wal().getFirst().key()
                            + ": Cairn has no WAL moved, so a lifecycle rule of the bucket's own did it."
                            + " hint: take wal/ and pieces/ out of that rule, or recoveries wait for thaws: cairn lifecycle show");
        }
        Planned planned = new Planned(plan, recovery, thaw);
        if (thaw.isEmpty()) {
            planned.requireWhole();
        }
        return planned;
    }

    private void run(Session session, Planned planned, Supplier<Planned> again)
            throws InterruptedException {
        Recovery recoverer =
                new Recovery(RecoverySettings.defaults().withPostgres(session.config().postgres()));
        planned.recovery().ifPresent(recoverer::requireBinaries);
        thawing.agree(planned.thaw());
        RestorePlan plan;
        RestoreResult result;
        Optional<RecoveryResult> recovered;
        try (HeldLease _ = lease(planned.plan(), planned.recovery())) {
            thawing.run(planned.thaw());
            Planned whole = planned.isWhole() ? planned : thawTheRest(again.get());
            plan = whole.plan();
            result = restore(plan);
            passedOver(result).forEach(output::warn);
            recovered =
                    whole.recovery().isPresent()
                            ? Optional.of(recover(recoverer, whole.recovery().get()))
                            : Optional.empty();
        }
        output.print(
                cairn.options().output(),
                "restored",
                Restored.of(result, recovered),
                () -> output.line(describe(result, recovered)));
        if (start) {
            try (LocalServer server = RestoredServer.start(plan, session.config().postgres())) {
                output.note("it runs with process id " + server.pid() + " until cairn is ended");
                output.line("connect: " + RestoredServer.howToConnect(server));
                RestoredServer.awaitEnd();
            }
        }
    }

    /** What could be read only after a thaw may say that more has to be thawed. */
    private Planned thawTheRest(Planned again) throws InterruptedException {
        again.requireWhole();
        output.note(describe(again));
        thawing.agree(again.thaw());
        thawing.run(again.thaw());
        return again;
    }

    /** What is read does not expire meanwhile, however long it takes to thaw. */
    private HeldLease lease(RestorePlan plan, Optional<RecoveryPlan> recovery) {
        return HeldLease.on(
                plan,
                recovery,
                new HeldLease.Reader(ReadLease.Purpose.RESTORE, Caller.current()),
                InstantSource.system(),
                new SecureRandom(),
                output::warn);
    }

    /**
     * Asked for no target, everything there is comes back; a backup that was named comes back
     * alone.
     */
    private Optional<RecoveryPlan> planRecovery(
            Session session,
            Optional<RecoveryTarget> wanted,
            TargetAction atTarget,
            BackupSelection base) {
        boolean asked = wanted.isPresent() || timeline != null || !databases.isEmpty();
        boolean named = !(BackupSelection.parse(set) instanceof BackupSelection.Latest);
        if (!asked && (named || !isWalStored(session))) {
            return Optional.empty();
        }
        RecoveryRequest request =
                RecoveryRequest.of(
                                new ClusterName(cluster),
                                wanted.orElseGet(() -> target(named)),
                                directory)
                        .withBase(base)
                        .withAction(atTarget)
                        .withTablespaces(TablespaceMapping.parse(tablespaces))
                        .withDatabases(databases);
        if (systemIdentifier != null) {
            request = request.withSystemIdentifier(SystemIdentifier.parse(systemIdentifier));
        }
        if (timeline != null) {
            request = request.withTimeline(new Timeline(timeline));
        }
        RecoveryPlanner planner =
                new RecoveryPlanner(
                        session.lister(), session.stores(), session.identity(), GzipCodec.best());
        try (Progress progress = Progress.onStandardError("looking for " + request.target())) {
            return Optional.of(planner.planUpToThaw(request, bytes -> progress.update(bytes, 0)));
        }
    }

    /** A backup that is named comes back alone, even where a server has to drop databases of it. */
    private RecoveryTarget target(boolean named) {
        return named && timeline == null
                ? new RecoveryTarget.Immediate()
                : new RecoveryTarget.Latest();
    }

    private boolean isWalStored(Session session) {
        return WalInventory.isStored(
                session.lister().roots(new ClusterName(cluster)), session.stores());
    }

    private RestoreRequest request() {
        RestoreRequest request =
                RestoreRequest.of(new ClusterName(cluster), BackupSelection.parse(set), directory)
                        .withTablespaces(TablespaceMapping.parse(tablespaces));
        return systemIdentifier == null
                ? request
                : request.withSystemIdentifier(SystemIdentifier.parse(systemIdentifier));
    }

    private RestoreResult restore(RestorePlan plan) throws InterruptedException {
        RestoreSettings defaults = RestoreSettings.defaults();
        RestoreSettings settings =
                threads == null
                        ? defaults
                        : new RestoreSettings(
                                defaults.reading().withThreads(threads), defaults.syncThreads());
        try (Progress progress = Progress.onStandardError("restoring")) {
            return new RestoreEngine(settings).restore(plan, progress::update);
        }
    }

    private static RecoveryResult recover(Recovery recovery, RecoveryPlan plan)
            throws InterruptedException {
        Lsn from = plan.wal().map(LsnRange::start).orElse(plan.commit().startLsn());
        try (Progress progress = Progress.onStandardError("replaying")) {
            return recovery.run(
                    plan,
                    (replayed, end) ->
                            progress.update(Math.max(0, replayed.minus(from)), end.minus(from)));
        }
    }

    private String describe(Planned planned) {
        RestorePlan plan = planned.plan();
        Optional<RecoveryPlan> recovery = planned.recovery();
        String backup =
                "plan: %s%s from store '%s' into %s: fetch %s, write %s in %d files"
                        .formatted(
                                named(plan.commit()),
                                onTopOf(plan),
                                plan.storeName(),
                                plan.directory(),
                                Format.bytes(plan.bytesToFetch()),
                                Format.bytes(plan.bytesToWrite()),
                                plan.files());
        return "%s%s%s%s%n%s of disk; %s"
                .formatted(
                        backup,
                        databases(plan),
                        recovery.map(RestoreCommand::describe).orElse(""),
                        thawing.describe(planned.thaw()) + (planned.isWhole() ? "" : thenAgain()),
                        Format.bytes(plan.space().total()),
                        TimeExpected.of(plan, recovery));
    }

    /** As it was asked for: with its attempt, where that was named. */
    private String named(CommitObject commit) {
        return BackupSelection.parse(set) instanceof BackupSelection.Attempt
                ? commit.run() + "@" + commit.attempt()
                : commit.run().toString();
    }

    private static String databases(RestorePlan plan) {
        if (plan.databases().isAll()) {
            return "";
        }
        String only = "%nonly databases ".formatted() + String.join(", ", plan.databases().kept());
        return plan.databases().decided()
                ? only
                        + "; the %d others of the backup are dropped at the end"
                                .formatted(plan.databases().excluded().size())
                : only;
    }

    private static String thenAgain() {
        return "%nthen plan again with what can be read only after that; what else turns out to be archived is thawed next, and takes as long again"
                .formatted();
    }

    private static String onTopOf(RestorePlan plan) {
        return plan.before().isEmpty()
                ? ""
                : " on top of "
                        + plan.before().reversed().stream()
                                .map(each -> each.commit().label().toString())
                                .collect(Collectors.joining(", "));
    }

    private static String describe(RecoveryPlan plan) {
        return "%nthen recover to %s on timeline %s and %s: %s"
                        .formatted(
                                plan.target(),
                                plan.timeline(),
                                plan.action(),
                                plan.wal()
                                        .map(range ->
                                                "WAL from %s to %s, fetch at most %s"
                                                        .formatted(
                                                                range.start(),
                                                                range.end(),
                                                                Format.bytes(
                                                                        plan.walBytesToFetch())))
                                        .orElse("no WAL behind the backup's own"))
                + plan.recoverableUntil().map(time -> ", known up to " + time).orElse("");
    }

    /** One line for each store that lacked something, with the first of it. */
    private static List<String> passedOver(RestoreResult result) {
        Map<StoreName, List<ContentReader.PassedOver>> byStore =
                result.passedOver().stream()
                        .collect(
                                Collectors.groupingBy(
                                        ContentReader.PassedOver::store,
                                        TreeMap::new,
                                        Collectors.toList()));
        return byStore.entrySet().stream()
                .map(entry ->
                        "%d volumes were read from another copy than that in store '%s': %s hint: have the stores compared and repaired: cairn replicate verify"
                                .formatted(
                                        entry.getValue().size(),
                                        entry.getKey(),
                                        entry.getValue().getFirst().failure().cause().getMessage()))
                .toList();
    }

    private String describe(RestoreResult result, Optional<RecoveryResult> recovered) {
        return "restored %s into %s: %s in %d files, %s, %s; every file agrees with the server's manifest%n"
                        .formatted(
                                named(result.commit()),
                                result.directory(),
                                Format.bytes(result.bytesWritten()),
                                result.files(),
                                Format.duration(result.elapsed()),
                                Format.rate(result.bytesWritten(), result.elapsed()))
                + (result.bytesKept() > 0
                        ? Format.bytes(result.bytesKept())
                                + " of it were complete from an earlier try and not fetched again%n"
                                        .formatted()
                        : "")
                + recovered.map(RestoreCommand::describe).orElse("")
                + "start it with PostgreSQL "
                + result.commit().majorVersion()
                + ": pg_ctl -D "
                + result.directory()
                + " start";
    }

    private static String describe(RecoveryResult result) {
        return "replayed WAL to %s in %s%s; %s%n"
                .formatted(
                        result.replayed(),
                        Format.duration(result.elapsed()),
                        result.lastCommit().map(time -> ", last commit " + time).orElse(""),
                        result.timeline()
                                .map(timeline -> "it is on timeline " + timeline)
                                .orElse("it is not promoted: pg_promote() does it"));
    }
}

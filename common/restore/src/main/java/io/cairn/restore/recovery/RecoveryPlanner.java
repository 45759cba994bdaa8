package io.cairn.restore.recovery;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.restore.target.TargetDirectory;
import io.cairn.restore.wal.LastRecord;
import io.cairn.restore.wal.WalInventory;
import io.cairn.restore.wal.WalObject;
import io.cairn.restore.wal.WalPages;
import io.cairn.restore.wal.WalPath;
import io.cairn.restore.wal.WalReader;
import io.cairn.restore.wal.WalSource;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Plans recoveries from the stores alone: which backup to begin with, which timelines to follow,
 * which WAL there is; and refuses a target that is not in it. Thread-safe.
 */
public final class RecoveryPlanner {

    /** What can be begun with; a log backup cannot. */
    private static final Set<BackupKind> BASES =
            Set.of(BackupKind.FULL, BackupKind.INCREMENTAL, BackupKind.SNAPSHOT);

    private final BackupLister lister;
    private final List<ObjectStore> stores;
    private final Identity identity;
    private final GzipCodec codec;

    /**
     * @param lister the stores' backups, in the order in which copies are preferred
     * @param stores the same stores
     * @param identity a recipient's private key
     */
    public RecoveryPlanner(
            BackupLister lister, List<ObjectStore> stores, Identity identity, GzipCodec codec) {
        this.lister = lister;
        this.stores = List.copyOf(stores);
        this.identity = identity;
        this.codec = codec;
    }

    /** Whether a recovery begins with the backup where nobody says with which. */
    public static boolean isBase(CommitObject commit) {
        return BASES.contains(commit.kind()) && !commit.damaged();
    }

    /**
     * @throws CairnException {@link ErrorCode#RECOVERY_TARGET_UNREACHABLE} naming the nearest
     *     targets; what {@link RestorePlanner#plan} throws
     */
    public RecoveryPlan plan(RecoveryRequest request) {
        return plan(request, _ -> {});
    }

    /**
     * A restore point and a transaction are looked for in the stored WAL, from its end backwards.
     *
     * @param search is told how many bytes of WAL have been read for it
     * @throws CairnException as {@link #plan(RecoveryRequest)}
     */
    public RecoveryPlan plan(RecoveryRequest request, LongConsumer search) {
        RecoveryPlan plan = planUpToThaw(request, search);
        plan.requireWhole();
        return plan;
    }

    /**
     * As {@link #plan(RecoveryRequest, LongConsumer)}, for whoever can thaw. Where something that a
     * plan is made from is archived, what comes back is {@linkplain RecoveryPlan#isWhole not
     * whole}: it names all that has to be thawed in any case, and is made again after that.
     *
     * @throws CairnException as {@link #plan(RecoveryRequest)}; {@link
     *     ErrorCode#STORE_OBJECT_ARCHIVED} if not even that can be told
     */
    public RecoveryPlan planUpToThaw(RecoveryRequest request, LongConsumer search) {
        if (!request.databases().isEmpty() && request.action() != TargetAction.PROMOTE) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "some databases alone cannot be left at a target: the others could not be dropped",
                    "use --target-action promote");
        }
        TargetDirectory.requireUsable(request.directory());
        List<String> notes = new ArrayList<>();
        List<CommitObject> backups = backups(request, notes);
        CommitObject newest = backups.getLast();
        SegmentSize size = SegmentSize.of(newest);
        WalInventory inventory = WalInventory.list(newest.layout().root(), size, stores);
        inventory
                .problems()
                .forEach(problem -> notes.add("no WAL is read from " + problem.message()));
        if (!inventory.diverged().isEmpty()) {
            notes.add(
                    "WAL that diverged is stored and not followed: "
                            + inventory.diverged().getFirst());
        }
        WalReader reader = new WalReader(newest.layout().root(), stores, identity, codec);
        List<TimelineHistory> histories =
                inventory.histories().entrySet().stream()
                        .map(entry -> history(reader, entry.getKey(), entry.getValue()))
                        .toList();
        Timeline timeline = request.timeline().orElseGet(() -> newest(backups, inventory));
        WalPath path = WalPath.along(history(timeline, histories), inventory);

        BaseChoice choice = new BaseChoice(request, backups, path);
        WalSource source = new WalSource(path, reader, new WalPages(newest.systemIdentifier()));
        Optional<PointLocation> location = locate(request.target(), choice, source, size, search);
        location.flatMap(found -> found.note(request.target())).ifPresent(notes::add);
        CommitObject base = choice.base(location);
        Recoverable recoverable = Recoverable.from(base, path, size, reader);
        recoverable.requireWithin(request.target(), choice);
        recoverable.holeBehind().ifPresent(notes::add);

        recoverable.wal().ifPresent(source::requireKeys);
        Optional<LastRecord> last = Optional.empty();
        Optional<CairnException> unread = Optional.empty();
        try {
            last = recoverable.wal().flatMap(range -> source.lastRecord(range, size));
        } catch (CairnException e) {
            unread = Optional.of(e).filter(RecoveryPlanner::isArchived);
            if (unread.isEmpty()) {
                throw e;
            }
        }
        RestorePlan restore =
                new RestorePlanner(lister, identity, codec)
                        .plan(restoreRequest(request, base, recoverable));
        notes.addAll(restore.notes());
        return new RecoveryPlan(
                restore,
                request.target(),
                request.action(),
                source,
                location.map(PointLocation::record),
                recoverable.wal(),
                recoverable.end(),
                last,
                unread,
                recoverable.until(),
                histories,
                notes);
    }

    private static boolean isArchived(CairnException e) {
        return e.code() == ErrorCode.STORE_OBJECT_ARCHIVED;
    }

    /** Some hundred bytes, which say which WAL is needed at all: nothing can be planned without. */
    private static TimelineHistory history(WalReader reader, Timeline timeline, WalObject file) {
        try {
            return reader.history(timeline, file);
        } catch (CairnException e) {
            if (!isArchived(e)) {
                throw e;
            }
            throw new CairnException(
                    ErrorCode.STORE_OBJECT_ARCHIVED,
                    "no recovery can be planned without " + file.key() + ", which is archived",
                    "thaw it by hand (aws s3api restore-object), and take wal/ out of the bucket's"
                            + " lifecycle rules: Cairn has no WAL moved",
                    e);
        }
    }

    private static Optional<PointLocation> locate(
            RecoveryTarget target,
            BaseChoice choice,
            WalSource source,
            SegmentSize size,
            LongConsumer search) {
        try {
            return PointLocation.of(target, choice.onPath(), source, size, search);
        } catch (CairnException e) {
            if (!isArchived(e)) {
                throw e;
            }
            throw new CairnException(
                    ErrorCode.STORE_OBJECT_ARCHIVED,
                    target + " has to be looked for in WAL that is archived: " + e.getMessage(),
                    "give --target-time or --target-lsn, with which all that is needed is thawed at"
                            + " once; and take wal/ out of the bucket's lifecycle rules: Cairn has"
                            + " no WAL moved",
                    e);
        }
    }

    /** Those of one cluster's life that can be begun with, by where they end. */
    private List<CommitObject> backups(RecoveryRequest request, List<String> notes) {
        List<CommitObject> usable =
                candidates(request, notes).stream()
                        .flatMap(backup -> backup.attempts().stream())
                        .filter(commit -> isWanted(request, commit))
                        .sorted(Comparator.comparing(CommitObject::completedAt))
                        .toList();
        if (usable.isEmpty()) {
            throw new CairnException(
                    ErrorCode.BACKUP_NOT_FOUND,
                    "there is no backup of cluster " + request.cluster() + " to begin with",
                    "see what there is with: cairn list");
        }
        // Created anew under its name, the newest life is meant.
        return usable.stream()
                .filter(commit ->
                        commit.systemIdentifier().equals(usable.getLast().systemIdentifier()))
                .toList();
    }

    private List<ListedBackup> candidates(RecoveryRequest request, List<String> notes) {
        if (request.base() instanceof BackupSelection.Attempt(var label, var attempt)) {
            return lister.find(request.cluster(), label, attempt);
        }
        BackupListing listing = lister.list(request.cluster());
        listing.problems().forEach(problem -> notes.add("not read: " + problem.message()));
        return listing.backups();
    }

    private static boolean isWanted(RecoveryRequest request, CommitObject commit) {
        boolean named =
                switch (request.base()) {
                    case BackupSelection.Latest _ -> isBase(commit);
                    case BackupSelection.Labelled(BackupLabel label) ->
                            commit.label().equals(label);
                    case BackupSelection.Attempt _ -> true;
                };
        return named
                && request.systemIdentifier()
                        .filter(id -> !id.equals(commit.systemIdentifier()))
                        .isEmpty();
    }

    private static Timeline newest(List<CommitObject> backups, WalInventory inventory) {
        return Stream.of(
                        backups.stream().map(CommitObject::timeline),
                        inventory.timelines().keySet().stream(),
                        inventory.histories().keySet().stream())
                .flatMap(each -> each)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static TimelineHistory history(Timeline timeline, List<TimelineHistory> histories) {
        return histories.stream()
                .filter(file -> file.timeline().equals(timeline))
                .findFirst()
                .orElseGet(() -> TimelineHistory.parse(timeline, new byte[0]));
    }

    private static RestoreRequest restoreRequest(
            RecoveryRequest request, CommitObject base, Recoverable recoverable) {
        long wal =
                recoverable
                        .wal()
                        .map(range ->
                                RecoverySettings.defaults()
                                        .walOnDisk(
                                                range,
                                                Math.max(0, base.stopLsn().minus(range.start())),
                                                Math.toIntExact(base.walSegmentBytes())))
                        .orElse(0L);
        return RestoreRequest.of(
                        request.cluster(),
                        new BackupSelection.Attempt(base.label(), base.attempt()),
                        request.directory())
                .withSystemIdentifier(base.systemIdentifier())
                .withDatabases(request.databases())
                .forRecovery(wal)
                .withTablespaces(request.tablespaces());
    }
}

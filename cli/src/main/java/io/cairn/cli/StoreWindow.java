package io.cairn.cli;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.wal.RecoverableWindow;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.recovery.RecoveryPlanner;
import io.cairn.restore.wal.WalInventory;
import io.cairn.restore.wal.WalPath;
import io.cairn.restore.wal.WalReader;
import io.cairn.storage.ObjectStore;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The moments a cluster can be recovered to from one store alone.
 *
 * @param earliest the end of the oldest backup from which WAL leads on to {@code latest}
 * @param streamed whether {@code latest} is known from WAL; otherwise it is the end of a backup
 * @param provenBy the backup within it from which a server was last restored; absent if none was
 */
record StoreWindow(
        ClusterName cluster,
        StoreName store,
        SystemIdentifier systemIdentifier,
        RecoverableWindow.Point earliest,
        End latest,
        boolean streamed,
        Optional<RecoverableWindow.Proof> provenBy) {

    /**
     * How far one can get.
     *
     * @param time everything that was committed until then lies before {@code lsn}; absent where
     *     the stored WAL does not say it
     */
    record End(Timeline timeline, Lsn lsn, Optional<Instant> time) {}

    /** How far WAL leads from a backup. */
    private record Reach(CommitObject base, Lsn end) {}

    /**
     * Of the cluster's newest life.
     *
     * @param store holds the backups and the WAL
     * @param drills tells which of the backups a server was last restored from
     * @param identity opens history files, asked for when there are any; without it no promotion is
     *     followed
     * @param objectsMax of WAL that are listed
     * @param notes is told what could not be read, or was not
     */
    private static Optional<StoreWindow> of(
            List<ListedBackup> backups,
            ObjectStore store,
            DrillRecords drills,
            Supplier<Optional<Identity>> identity,
            long objectsMax,
            Consumer<String> notes) {
        List<CommitObject> bases = bases(backups, store);
        if (bases.isEmpty()) {
            return Optional.empty();
        }
        try {
            CommitObject newest = bases.getLast();
            Optional<WalInventory> inventory =
                    WalInventory.listAtMost(
                            newest.layout().root(), SegmentSize.of(newest), store, objectsMax);
            if (inventory.isEmpty()) {
                notes.accept(
                        "%s has more than %d objects of WAL in '%s', too many to look at beside the others: cairn list --cluster %s"
                                .formatted(
                                        newest.cluster(),
                                        objectsMax,
                                        store.name(),
                                        newest.cluster()));
            }
            return inventory.map(wal -> window(bases, wal, store, drills, identity));
        } catch (CairnException e) {
            notes.accept(new CopyProblem(store.name(), e).message());
            return Optional.empty();
        }
    }

    /** One for each store, to be looked for at once. */
    static List<Supplier<Optional<StoreWindow>>> of(
            Session session, List<ListedBackup> backups, long objectsMax, Consumer<String> notes) {
        Supplier<Optional<Identity>> identity =
                () -> session.config().keys().identity().map(_ -> session.identity());
        DrillRecords drills = new DrillRecords(session.stores(), notes);
        return session.stores().stream()
                .<Supplier<Optional<StoreWindow>>>map(
                        store -> () -> of(backups, store, drills, identity, objectsMax, notes))
                .toList();
    }

    /** What can be recovered, and whether a drill has proven it. */
    String text() {
        String what =
                streamed
                        ? "recoverable from %s, LSN %s, to %s, LSN %s"
                                .formatted(
                                        Format.utc(earliest.time()),
                                        earliest.lsn(),
                                        latest.time().map(Format::utc).orElse("an unknown time"),
                                        latest.lsn())
                        : "recoverable to the ends of backups, the newest %s, LSN %s"
                                .formatted(Format.utc(earliest.time()), latest.lsn());
        return what
                + provenBy.map(drill ->
                                "; proven by the drill of %s at %s, %s"
                                        .formatted(
                                                drill.label(),
                                                Format.utc(drill.at()),
                                                Format.duration(drill.rto())))
                        .orElse("; proven by no drill");
    }

    private static List<CommitObject> bases(List<ListedBackup> backups, ObjectStore store) {
        List<CommitObject> there =
                backups.stream()
                        .flatMap(backup -> backup.copies().stream())
                        .filter(copy -> copy.store().equals(store.name()))
                        .map(StoredBackup::commit)
                        .filter(RecoveryPlanner::isBase)
                        .sorted(Comparator.comparing(CommitObject::completedAt))
                        .toList();
        List<CommitObject> newestLife =
                there.stream()
                        .filter(commit ->
                                commit.systemIdentifier()
                                        .equals(there.getLast().systemIdentifier()))
                        .toList();
        Map<BackupLabel, CommitObject> byLabel =
                newestLife.stream()
                        .collect(
                                Collectors.toMap(
                                        CommitObject::label, Function.identity(), (one, _) -> one));
        return newestLife.stream().filter(commit -> isWhole(commit, byLabel)).toList();
    }

    /** Whether the chain down to its full backup lies in the same store. */
    private static boolean isWhole(CommitObject commit, Map<BackupLabel, CommitObject> byLabel) {
        Set<BackupLabel> seen = new HashSet<>();
        Optional<CommitObject> next = Optional.of(commit);
        while (next.isPresent() && next.get().parent().isPresent()) {
            if (!seen.add(next.get().label())) {
                return false;
            }
            CommitObject child = next.get();
            next =
                    child.parent()
                            .flatMap(label -> Optional.ofNullable(byLabel.get(label)))
                            .filter(parent ->
                                    child.parentAttempt()
                                            .map(parent.attempt()::equals)
                                            .orElse(true));
        }
        return next.isPresent();
    }

    private static StoreWindow window(
            List<CommitObject> bases,
            WalInventory inventory,
            ObjectStore store,
            DrillRecords drills,
            Supplier<Optional<Identity>> identity) {
        CommitObject newest = bases.getLast();
        ClusterRoot root = newest.layout().root();
        SegmentSize size = inventory.segmentSize();
        Optional<Identity> opener =
                inventory.histories().isEmpty() ? Optional.empty() : identity.get();
        Optional<WalReader> reader =
                opener.map(key -> new WalReader(root, List.of(store), key, GzipCodec.best()));
        TreeSet<Timeline> timelines =
                Stream.concat(
                                inventory.timelines().keySet().stream(),
                                bases.stream().map(CommitObject::timeline))
                        .collect(Collectors.toCollection(TreeSet::new));
        for (Timeline timeline : timelines.descendingSet()) {
            WalPath path = WalPath.along(history(timeline, inventory, reader), inventory);
            List<Reach> reaches =
                    bases.stream()
                            .filter(base -> path.passes(base.timeline(), base.stopLsn()))
                            .map(base -> reach(base, path, size))
                            .toList();
            if (!reaches.isEmpty()) {
                return window(reaches, path, store, drills);
            }
        }
        throw CairnException.bug("no timeline of " + newest.run());
    }

    private static TimelineHistory history(
            Timeline timeline, WalInventory inventory, Optional<WalReader> reader) {
        return Optional.ofNullable(inventory.histories().get(timeline))
                .flatMap(file -> reader.map(open -> open.history(timeline, file)))
                .orElseGet(() -> TimelineHistory.parse(timeline, new byte[0]));
    }

    /** A backup that carries its WAL has whole segments up to its stop LSN. */
    private static Reach reach(CommitObject base, WalPath path, SegmentSize size) {
        Lsn needed =
                base.includesWal()
                        ? size.startOf(base.stopLsn().plus(-1)).plus(size.bytes())
                        : size.startOf(base.startLsn());
        Lsn stored = path.storedFrom(needed);
        boolean further = stored.compareTo(base.stopLsn()) > 0 && stored.compareTo(needed) > 0;
        return new Reach(base, further ? stored : base.stopLsn());
    }

    private static StoreWindow window(
            List<Reach> reaches, WalPath path, ObjectStore store, DrillRecords drills) {
        Reach furthest = reaches.stream().max(Comparator.comparing(Reach::end)).orElseThrow();
        List<CommitObject> within =
                reaches.stream()
                        .filter(reach -> reach.end().equals(furthest.end()))
                        .map(Reach::base)
                        .toList();
        CommitObject oldest = within.getFirst();
        boolean streamed = furthest.end().compareTo(furthest.base().stopLsn()) > 0;
        return new StoreWindow(
                oldest.cluster(),
                store.name(),
                oldest.systemIdentifier(),
                new RecoverableWindow.Point(
                        oldest.timeline(), oldest.stopLsn(), oldest.completedAt()),
                streamed ? end(furthest.end(), path, store) : end(furthest.base()),
                streamed,
                drills.newest(store.name(), within));
    }

    private static End end(CommitObject base) {
        return new End(base.timeline(), base.stopLsn(), Optional.of(base.completedAt()));
    }

    private static End end(Lsn lsn, WalPath path, ObjectStore store) {
        Timeline timeline =
                path.legs().stream()
                        .filter(leg -> leg.start().compareTo(lsn) < 0)
                        .reduce((_, later) -> later)
                        .map(WalPath.Leg::timeline)
                        .orElseThrow();
        Optional<Instant> sent =
                path.endingAt(lsn).stream()
                        .flatMap(object -> WalStatus.sentAt(object, store).stream())
                        .max(Comparator.naturalOrder());
        return new End(timeline, lsn, sent);
    }
}

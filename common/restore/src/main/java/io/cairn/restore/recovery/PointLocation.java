package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.restore.wal.PointSearch;
import io.cairn.restore.wal.WalPath;
import io.cairn.restore.wal.WalSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Where a target lies that only its record tells: a restore point, a transaction. The WAL behind
 * the newest backup is read first, then that between the one before and it, and so on: what is
 * found first is the newest of its name, and the backup before it the one to begin with.
 *
 * @param record where the record begins at which replay ends
 * @param others records of the same name that are passed over
 */
record PointLocation(Lsn record, List<Lsn> others) {

    private static final int NAMES_SHOWN = 10;

    PointLocation {
        others = List.copyOf(others);
    }

    /** What a target's record is searched by; empty where its place is known without. */
    private static Optional<PointSearch.Wanted> wanted(RecoveryTarget target) {
        return switch (target) {
            case RecoveryTarget.Name(var name) ->
                    Optional.of(new PointSearch.Wanted.RestorePoint(name));
            // WAL knows transactions by 32 bits.
            case RecoveryTarget.Xid(var id) ->
                    Optional.of(new PointSearch.Wanted.TransactionEnd(id & 0xFFFF_FFFFL));
            case RecoveryTarget.Time _,
                    RecoveryTarget.Lsn _,
                    RecoveryTarget.Latest _,
                    RecoveryTarget.Immediate _ ->
                    Optional.empty();
        };
    }

    /**
     * @param bases on the path, by where they end
     * @return empty for a target that needs no search
     * @throws CairnException {@link ErrorCode#RECOVERY_TARGET_UNREACHABLE} if it is in no stored
     *     WAL that a backup leads to
     */
    static Optional<PointLocation> of(
            RecoveryTarget target,
            List<CommitObject> bases,
            WalSource source,
            SegmentSize size,
            LongConsumer progress) {
        Optional<PointSearch.Wanted> wanted = wanted(target);
        if (wanted.isEmpty() || bases.isEmpty()) {
            return Optional.empty();
        }
        try (PointSearch search =
                new PointSearch(
                        source, size, bases.getLast().majorVersion(), wanted.get(), progress)) {
            return Optional.of(search(target, bases, source.path(), size, search));
        }
    }

    private static PointLocation search(
            RecoveryTarget target,
            List<CommitObject> bases,
            WalPath path,
            SegmentSize size,
            PointSearch search) {
        List<String> read = new ArrayList<>();
        Optional<Lsn> before = Optional.empty();
        for (CommitObject base : bases.reversed()) {
            Optional<LsnRange> range = range(base, path, size, before);
            if (range.isPresent()) {
                read.add(range.get().toString());
                // A backup is consistent at its stop LSN: what lies before it is passed.
                List<Lsn> found =
                        search.in(range.get()).stream()
                                .filter(record -> record.compareTo(base.stopLsn()) >= 0)
                                .toList();
                if (!found.isEmpty()) {
                    return new PointLocation(found.getLast(), found.subList(0, found.size() - 1));
                }
            }
            before = Optional.of(base.stopLsn());
        }
        throw notFound(target, bases, read, search);
    }

    /** From a backup to the one behind it, with the segment after it: a record may go on there. */
    private static Optional<LsnRange> range(
            CommitObject base, WalPath path, SegmentSize size, Optional<Lsn> before) {
        Lsn start = Recoverable.firstNeeded(base, path.left(base.timeline()), size);
        Lsn stored = path.storedFrom(start);
        Lsn end =
                before.map(stop -> size.startOf(stop).plus(2L * size.bytes()))
                        .filter(stop -> stop.compareTo(stored) < 0)
                        .orElse(stored);
        return start.compareTo(end) < 0 ? Optional.of(new LsnRange(start, end)) : Optional.empty();
    }

    private static CairnException notFound(
            RecoveryTarget target,
            List<CommitObject> bases,
            List<String> read,
            PointSearch search) {
        List<String> names = List.copyOf(search.names());
        List<String> shown = names.subList(Math.max(0, names.size() - NAMES_SHOWN), names.size());
        String known =
                switch (target) {
                    case RecoveryTarget.Name _ when !shown.isEmpty() ->
                            "known are: '" + String.join("', '", shown) + "'; ";
                    default -> "";
                };
        return new CairnException(
                ErrorCode.RECOVERY_TARGET_UNREACHABLE,
                target
                        + " is not in the WAL that is stored from the end of "
                        + bases.getFirst().label()
                        + " on"
                        + (read.isEmpty() ? ", where there is none" : ""),
                known
                        + "see what is stored: cairn wal status; on another timeline it is found with"
                        + " --target-timeline, or give --target-time");
    }

    /** Never silent: which one of several is meant. */
    Optional<String> note(RecoveryTarget target) {
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "%s exists %d times; the newest is meant, at %s, for another use --target-lsn: %s"
                                .formatted(
                                        target,
                                        others.size() + 1,
                                        record,
                                        String.join(
                                                ", ",
                                                others.stream().map(Lsn::toString).toList())));
    }
}

package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.restore.wal.WalPath;
import io.cairn.restore.wal.WalReader;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * How far one gets from a backup.
 *
 * @param wal what there is behind what the backup carries itself
 * @param end up to where there is no hole
 * @param until up to when everything that was committed lies before {@code end}
 * @param again where WAL is stored again, if {@code end} is a hole
 */
record Recoverable(
        CommitObject base,
        Optional<LsnRange> wal,
        Lsn end,
        Optional<Instant> until,
        Optional<Lsn> again) {

    static Recoverable from(CommitObject base, WalPath path, SegmentSize size, WalReader reader) {
        Lsn start = firstNeeded(base, path.left(base.timeline()), size);
        Lsn stored = path.storedFrom(start);
        if (stored.compareTo(base.stopLsn()) < 0 && !base.includesWal()) {
            throw new CairnException(
                    ErrorCode.RECOVERY_TARGET_UNREACHABLE,
                    base.run()
                            + " needs the WAL from "
                            + base.startLsn()
                            + " to "
                            + base.stopLsn()
                            + ", which is stored to "
                            + stored
                            + " only",
                    "begin with another backup: --set LABEL");
        }
        Optional<Lsn> again = path.storedAgainAfter(stored);
        if (stored.compareTo(start) <= 0) {
            return new Recoverable(
                    base, Optional.empty(), base.stopLsn(), Optional.of(base.completedAt()), again);
        }
        Optional<Instant> until =
                path.endingAt(stored).stream()
                        .flatMap(object -> reader.sentAt(object).stream())
                        .max(Comparator.naturalOrder());
        return new Recoverable(
                base, Optional.of(new LsnRange(start, stored)), stored, until, again);
    }

    /**
     * A backup that carries its WAL has whole segments up to its stop LSN, the last one switched.
     * Unless the timeline was left right there: then the next timeline's file is the right one.
     *
     * @param left where the backup's timeline was left
     */
    static Lsn firstNeeded(CommitObject base, Optional<Lsn> left, SegmentSize size) {
        if (!base.includesWal()) {
            return size.startOf(base.startLsn());
        }
        Lsn behind = size.startOf(base.stopLsn().plus(-1)).plus(size.bytes());
        return left.filter(fork -> fork.compareTo(behind) < 0).map(size::startOf).orElse(behind);
    }

    void requireWithin(RecoveryTarget target, BaseChoice choice) {
        boolean within =
                switch (target) {
                    case RecoveryTarget.Time(Instant time) -> until.filter(time::isAfter).isEmpty();
                    case RecoveryTarget.Lsn(Lsn position) -> position.compareTo(end) <= 0;
                    case RecoveryTarget.Latest _,
                            RecoveryTarget.Immediate _,
                            RecoveryTarget.Xid _,
                            RecoveryTarget.Name _ ->
                            true;
                };
        if (!within) {
            throw new CairnException(
                    ErrorCode.RECOVERY_TARGET_UNREACHABLE,
                    again.isPresent()
                            ? target + " lies behind a gap: WAL from " + end + " on is missing"
                            : target + " is behind the end of what is stored, " + end,
                    nearest(choice));
        }
    }

    private String nearest(BaseChoice choice) {
        String before =
                "the latest before it is LSN " + end + until.map(time -> ", " + time).orElse("");
        return choice.firstBehind(end)
                .map(after -> before + "; the earliest after it is " + BaseChoice.describe(after))
                .orElse(before);
    }

    /** Never silent: what is stored behind a gap is not reached from this backup. */
    Optional<String> holeBehind() {
        return again.map(position ->
                "WAL from " + end + " to " + position + " is missing; what follows is not reached");
    }
}

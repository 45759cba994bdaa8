package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.wal.LastRecord;
import io.cairn.restore.wal.WalSource;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * A recovery that can work, as far as can be known without replaying. Making the plan has written
 * nothing.
 *
 * @param base the backup that is restored first
 * @param stopAt the record at which replay ends, where the target had to be looked for in the WAL
 * @param wal what the server is given, from the start of a segment on; absent if the backup carries
 *     all there is
 * @param end up to where WAL is known without a hole
 * @param lastRecord the last whole record before {@code end}; absent where {@code wal} holds none,
 *     or could not be read
 * @param unread why WAL could not be read that is archived; the recovery is planned again when it
 *     is thawed
 * @param recoverableUntil up to when everything that was committed is in it, where the stored WAL
 *     says so
 * @param histories history files the server gets, also of timelines it does not follow: it names
 *     its new timeline so that it differs from all of them
 * @param notes what whoever reads the plan should know
 */
public record RecoveryPlan(
        RestorePlan base,
        RecoveryTarget target,
        TargetAction action,
        WalSource source,
        Optional<Lsn> stopAt,
        Optional<LsnRange> wal,
        Lsn end,
        Optional<LastRecord> lastRecord,
        Optional<CairnException> unread,
        Optional<Instant> recoverableUntil,
        List<TimelineHistory> histories,
        List<String> notes) {

    public RecoveryPlan {
        histories = List.copyOf(histories);
        notes = List.copyOf(notes);
    }

    public CommitObject commit() {
        return base.commit();
    }

    /** Whether all is known that the recovery goes by; else something is to be thawed first. */
    public boolean isWhole() {
        return unread.isEmpty() && base.databases().decided();
    }

    /**
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_ARCHIVED} if something is to be thawed
     *     first
     */
    public void requireWhole() {
        unread.ifPresent(archived -> {
            throw archived;
        });
        if (!base.databases().decided()) {
            throw new CairnException(
                    ErrorCode.STORE_OBJECT_ARCHIVED,
                    "which databases " + commit().run() + " has is in volumes that are archived",
                    "thaw them first: cairn restore asks, and does it with --yes");
        }
    }

    /**
     * The same recovery, ended at another moment.
     *
     * @param time after the end of the backup, and not after {@link #recoverableUntil()}
     */
    public RecoveryPlan endingAt(RecoveryTarget.Time time) {
        if (time.time().isBefore(commit().completedAt().truncatedTo(ChronoUnit.MICROS))
                || recoverableUntil().filter(time.time()::isAfter).isPresent()) {
            throw new IllegalArgumentException(time + " is not within " + base.commit().run());
        }
        return new RecoveryPlan(
                base,
                time,
                action,
                source,
                Optional.empty(),
                wal,
                end,
                lastRecord,
                unread,
                recoverableUntil,
                histories,
                notes);
    }

    /** The timeline that is followed to its end. */
    public Timeline timeline() {
        return source.path().timeline();
    }

    /** Bytes of WAL that are replayed, as far as is known. */
    public long walBytesToReplay() {
        Lsn until =
                switch (target) {
                    case RecoveryTarget.Immediate _ -> commit().stopLsn();
                    case RecoveryTarget.Lsn(Lsn position) -> position;
                    case RecoveryTarget.Name _,
                            RecoveryTarget.Xid _,
                            RecoveryTarget.Time _,
                            RecoveryTarget.Latest _ ->
                            stopAt.orElse(end);
                };
        return Math.max(0, until.minus(commit().startLsn()));
    }

    /** Stored bytes of WAL that are read, at most: replay may end before. */
    public long walBytesToFetch() {
        return wal.map(range -> source.path().bytesToFetch(range)).orElse(0L);
    }
}

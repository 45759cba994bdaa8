package io.cairn.catalog.projection;

import io.cairn.catalog.backup.Backup;
import io.cairn.catalog.backup.BackupRecord;
import io.cairn.catalog.backup.Copy;
import io.cairn.catalog.backup.Expiry;
import io.cairn.catalog.backup.StoreLag;
import io.cairn.catalog.cluster.Assessment;
import io.cairn.catalog.cluster.KnownCluster;
import io.cairn.catalog.fact.FactMap;
import io.cairn.catalog.run.Attempt;
import io.cairn.catalog.run.Run;
import io.cairn.catalog.wal.WalFacts;
import java.util.List;

/**
 * Everything that some events told; the whole catalog is one of these. Joins type by type, so the
 * order of events and their repetition do not matter.
 */
public record FactSet(
        FactMap<KnownCluster> clusters,
        FactMap<Run> runs,
        FactMap<Attempt> attempts,
        FactMap<Backup> backups,
        FactMap<Copy> copies,
        FactMap<BackupRecord> records,
        FactMap<StoreLag> lags,
        FactMap<Assessment> assessments,
        FactMap<Expiry> expiries,
        WalFacts wal) {

    public static final FactSet EMPTY =
            new FactSet(
                    FactMap.none(),
                    FactMap.none(),
                    FactMap.none(),
                    FactMap.none(),
                    FactMap.none(),
                    FactMap.none(),
                    FactMap.none(),
                    FactMap.none(),
                    FactMap.none(),
                    WalFacts.NONE);

    /** All of them as one. By halves, so that each fact is copied log n times and not n times. */
    public static FactSet joined(List<FactSet> sets) {
        return switch (sets.size()) {
            case 0 -> EMPTY;
            case 1 -> sets.getFirst();
            default -> {
                int half = sets.size() / 2;
                yield joined(sets.subList(0, half)).join(joined(sets.subList(half, sets.size())));
            }
        };
    }

    /** Only what is known of copies. */
    public static FactSet of(FactMap<Copy> copies) {
        return new FactSet(
                EMPTY.clusters,
                EMPTY.runs,
                EMPTY.attempts,
                EMPTY.backups,
                copies,
                EMPTY.records,
                EMPTY.lags,
                EMPTY.assessments,
                EMPTY.expiries,
                EMPTY.wal);
    }

    /** Only what is known of WAL. */
    public static FactSet of(WalFacts wal) {
        return EMPTY.and(wal);
    }

    public FactSet join(FactSet other) {
        return new FactSet(
                clusters.join(other.clusters),
                runs.join(other.runs),
                attempts.join(other.attempts),
                backups.join(other.backups),
                copies.join(other.copies),
                records.join(other.records),
                lags.join(other.lags),
                assessments.join(other.assessments),
                expiries.join(other.expiries),
                wal.join(other.wal));
    }

    FactSet and(KnownCluster cluster) {
        return new FactSet(
                clusters.join(FactMap.of(cluster)),
                runs,
                attempts,
                backups,
                copies,
                records,
                lags,
                assessments,
                expiries,
                wal);
    }

    FactSet and(Run run) {
        return new FactSet(
                clusters,
                runs.join(FactMap.of(run)),
                attempts,
                backups,
                copies,
                records,
                lags,
                assessments,
                expiries,
                wal);
    }

    FactSet and(Attempt attempt) {
        return new FactSet(
                clusters,
                runs,
                attempts.join(FactMap.of(attempt)),
                backups,
                copies,
                records,
                lags,
                assessments,
                expiries,
                wal);
    }

    FactSet and(Backup backup) {
        return new FactSet(
                clusters,
                runs,
                attempts,
                backups.join(FactMap.of(backup)),
                copies,
                records,
                lags,
                assessments,
                expiries,
                wal);
    }

    FactSet and(Copy copy) {
        return new FactSet(
                clusters,
                runs,
                attempts,
                backups,
                copies.join(FactMap.of(copy)),
                records,
                lags,
                assessments,
                expiries,
                wal);
    }

    FactSet and(BackupRecord record) {
        return new FactSet(
                clusters,
                runs,
                attempts,
                backups,
                copies,
                records.join(FactMap.of(record)),
                lags,
                assessments,
                expiries,
                wal);
    }

    FactSet and(StoreLag lag) {
        return new FactSet(
                clusters,
                runs,
                attempts,
                backups,
                copies,
                records,
                lags.join(FactMap.of(lag)),
                assessments,
                expiries,
                wal);
    }

    FactSet and(Assessment assessment) {
        return new FactSet(
                clusters,
                runs,
                attempts,
                backups,
                copies,
                records,
                lags,
                assessments.join(FactMap.of(assessment)),
                expiries,
                wal);
    }

    FactSet and(Expiry expiry) {
        return new FactSet(
                clusters,
                runs,
                attempts,
                backups,
                copies,
                records,
                lags,
                assessments,
                expiries.join(FactMap.of(expiry)),
                wal);
    }

    FactSet and(WalFacts stored) {
        return new FactSet(
                clusters,
                runs,
                attempts,
                backups,
                copies,
                records,
                lags,
                assessments,
                expiries,
                wal.join(stored));
    }

    public boolean isEmpty() {
        return equals(EMPTY);
    }
}

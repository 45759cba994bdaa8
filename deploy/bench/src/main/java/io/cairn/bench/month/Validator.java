package io.cairn.bench.month;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.events.EventObject;
import io.cairn.events.ValidationPassed;
import io.cairn.model.AttemptId;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.verify.Verification;
import io.cairn.restore.verify.Verifier;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the validator service does: reads every copy once, and records what it found. */
final class Validator {

    static final ReadSettings READING = new ReadSettings(4, 64 << 20, GzipCodec.best());

    private final Map<StoreName, ObjectStore> stores;
    private final BackupLister lister;
    private final Verifier verifier;
    private final boolean reads;
    private final Set<String> verified = new HashSet<>();
    private final Set<AttemptId> attempts = new HashSet<>();
    private List<StoredBackup> claims = new ArrayList<>();

    /**
     * @param stores in which it records what it found
     * @param reads whether it looks at the bytes before it says that they are right
     */
    Validator(
            Map<StoreName, ObjectStore> stores,
            List<BackupReader> readers,
            Identity identity,
            SimulatedClock clock,
            boolean reads) {
        this.stores = stores;
        this.lister = new BackupLister(readers);
        this.verifier = new Verifier(identity, READING, clock);
        this.reads = reads;
    }

    /** In a few words. */
    String round() throws InterruptedException {
        int passed = 0;
        int failed = 0;
        try {
            for (ListedBackup backup : lister.list(Source.CLUSTER).backups()) {
                for (StoredBackup copy : backup.copies()) {
                    String name = copy.commit().attempt() + "/" + copy.store();
                    if (verified.contains(name)) {
                        continue;
                    }
                    if (passes(copy)) {
                        record(copy);
                        verified.add(name);
                        attempts.add(copy.commit().attempt());
                        claims.add(copy);
                        passed++;
                    } else {
                        failed++;
                    }
                }
            }
        } catch (CairnException e) {
            return "validation broke off: " + e.code();
        }
        return "verified %d copies, %d are not right".formatted(passed, failed);
    }

    private boolean passes(StoredBackup copy) throws InterruptedException {
        return !reads
                || verifier.verify(lister.reader(copy.store()), copy.commit().layout(), _ -> {})
                        instanceof Verification.Passed;
    }

    private void record(StoredBackup copy) {
        CommitObject commit = copy.commit();
        EventObject record = passed(commit, copy.store());
        stores.get(copy.store())
                .putIfAbsent(
                        record.key(
                                commit.layout().root(), EventObject.VERIFICATIONS, commit.label()),
                        ObjectBody.of(record.toJson()));
    }

    /** That the copy in a store is what was stored. */
    static EventObject passed(CommitObject commit, StoreName store) {
        return EventObject.of(
                new ValidationPassed(
                        new RunId(commit.cluster(), commit.label()),
                        commit.attempt(),
                        store,
                        commit.completedAt(),
                        commit.completedAt(),
                        1,
                        commit.bytesStored(),
                        commit.files()));
    }

    /** Whether any copy of it was called verified. */
    boolean isVerified(AttemptId attempt) {
        return attempts.contains(attempt);
    }

    /** What has been called verified since this was asked for the last time. */
    List<StoredBackup> claims() {
        List<StoredBackup> last = claims;
        claims = new ArrayList<>();
        return last;
    }
}

package io.cairn.executor.publish;

import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectPage;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOutcome;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The commit objects of one store: finds them, and writes one only where there is none.
 * Thread-safe.
 */
public final class Commits {

    /** About 160 bytes for a volume: enough for 100 TiB in volumes of 64 MiB. */
    private static final int COMMIT_BYTES_MAX = 512 << 20;

    private static final Pattern IDENTIFIED = Pattern.compile("[^/]+/(\\d{1,20})/.+");

    private final ObjectStore store;

    public Commits(ObjectStore store) {
        this.store = store;
    }

    /**
     * The backup of a label, under whatever system identifier: for whoever has not asked the
     * cluster. Takes as many listings as clusters ever had this name.
     */
    public Optional<CommittedBackup> find(ClusterName cluster, BackupLabel label) {
        String prefix = cluster + "/";
        Optional<ObjectKey> after = Optional.empty();
        do {
            ObjectPage page = store.list(prefix, after, 1);
            after = page.next();
            for (ObjectInfo object : page.objects()) {
                Matcher matcher = IDENTIFIED.matcher(object.key().value());
                if (!matcher.matches()) {
                    continue;
                }
                SystemIdentifier identifier = SystemIdentifier.parse(matcher.group(1));
                Optional<CommittedBackup> found =
                        find(new BackupLayout(new ClusterRoot(cluster, identifier), label));
                if (found.isPresent()) {
                    return found;
                }
                // '0' follows '/': behind every key of this identifier, before those of the next.
                after = after.map(_ -> new ObjectKey(prefix + identifier + "0"));
            }
        } while (after.isPresent());
        return Optional.empty();
    }

    public Optional<CommittedBackup> find(BackupLayout layout) {
        return store.head(layout.commit()).map(_ -> read(layout));
    }

    private CommittedBackup read(BackupLayout layout) {
        byte[] json = store.read(layout.commit(), COMMIT_BYTES_MAX);
        return new CommittedBackup(
                CommitObject.fromJson(json, layout.commit() + " in store " + store.name()),
                stored(layout.commit(), json),
                store.name());
    }

    /**
     * Makes an attempt the backup of its label, if no other is: the signature first, since every
     * reader asks for it, then the commit object, if there is none. Nothing is visible before that
     * last PUT, and nothing comes after it.
     *
     * @param stillOurs throws unless the run still holds the cluster's fence; asked right before
     *     the last PUT
     */
    public CommitOutcome commit(CommitObject commit, Signing signing, Runnable stillOurs) {
        byte[] json = commit.toJson();
        BackupLayout layout = commit.layout();
        store.putIfAbsent(layout.signature(commit.attempt()), ObjectBody.of(signing.sign(json)))
                .orThrow();
        stillOurs.run();
        CommittedBackup ours =
                new CommittedBackup(commit, stored(layout.commit(), json), store.name());
        return switch (put(layout.commit(), json)) {
            case PutOutcome.Created _, PutOutcome.AlreadyPresent _ -> new CommitOutcome.Won(ours);
            case PutOutcome.Different _ -> new CommitOutcome.Lost(read(layout));
        };
    }

    /**
     * A store that fails at the last PUT may have stored it all the same: what counts is what lies
     * there.
     */
    private PutOutcome put(ObjectKey key, byte[] json) {
        ObjectBody body = ObjectBody.of(json);
        try {
            return store.putIfAbsent(key, body);
        } catch (CairnException e) {
            if (e.category() != ErrorCategory.TRANSIENT) {
                throw e;
            }
            return whatLiesThere(key, body, e);
        }
    }

    private PutOutcome whatLiesThere(ObjectKey key, ObjectBody body, CairnException failure) {
        Optional<ObjectInfo> info;
        try {
            info = store.head(key);
        } catch (CairnException e) {
            failure.addSuppressed(e);
            throw failure;
        }
        return info.<PutOutcome>map(found ->
                        found.holds(body)
                                ? new PutOutcome.AlreadyPresent(found)
                                : new PutOutcome.Different(found))
                .orElseThrow(() -> failure);
    }

    private static StoredObject stored(ObjectKey key, byte[] json) {
        return new StoredObject(key, json.length, Sha256.of(json));
    }
}

package io.cairn.executor.publish;

import io.cairn.archive.key.CommitSignature;
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
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectPage;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOutcome;
import io.cairn.storage.StoredParts;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * The commit objects of one store: finds them, and writes one only where there is none.
 * Thread-safe.
 */
public final class Commits {

    private static final Logger LOG = Logger.getLogger(Commits.class);

    /** About 160 bytes for a volume: enough for 100 TiB in volumes of 64 MiB. */
    private static final int COMMIT_BYTES_MAX = 512 << 20;

    private static final Pattern IDENTIFIED = Pattern.compile("[^/]+/(\\d{1,20})/.+");

    private static final Pattern LABEL = Pattern.compile("\\d{8}T\\d{6}Z-[FILS]");
    private static final int SIGNATURE_BYTES_MAX = 1 << 20;

    private final ObjectStore store;

    public Commits(ObjectStore store) {
        this.store = store;
    }

    /**
     * The backup of the first of the labels that has one, under whatever system identifier: for
     * whoever has not asked the cluster. Takes as many listings as clusters ever had this name.
     */
    public Optional<CommittedBackup> find(ClusterName cluster, List<BackupLabel> labels) {
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
                ClusterRoot root = new ClusterRoot(cluster, identifier);
                Optional<CommittedBackup> found =
                        findAny(
                                labels.stream()
                                        .map(label -> new BackupLayout(root, label))
                                        .toList());
                if (found.isPresent()) {
                    return found;
                }
                // '0' follows '/': behind every key of this identifier, before those of the next.
                after = after.map(_ -> new ObjectKey(prefix + identifier + "0"));
            }
        } while (after.isPresent());
        return Optional.empty();
    }

    /**
     * The backups of a cluster with labels from {@code from} on and before {@code to}, in their
     * order. Takes a listing for each label, whatever lies under it. One whose commit object cannot
     * be understood is passed over, with a warning: it is no reason not to take another backup.
     */
    public List<CommitObject> between(ClusterRoot root, BackupLabel from, BackupLabel to) {
        List<CommitObject> commits = new ArrayList<>();
        String prefix = root.backupsPrefix();
        Optional<ObjectKey> after = Optional.of(new ObjectKey(prefix + from));
        do {
            ObjectPage page = store.list(prefix, after, 1);
            after = page.next();
            for (ObjectInfo object : page.objects()) {
                String name = object.key().value().substring(prefix.length());
                String folder = name.substring(0, Math.max(0, name.indexOf('/')));
                if (!LABEL.matcher(folder).matches()) {
                    continue;
                }
                BackupLabel label = new BackupLabel(folder);
                if (label.compareTo(to) >= 0) {
                    return commits;
                }
                understood(new BackupLayout(root, label)).ifPresent(commits::add);
                // '0' follows '/': behind every key of this label.
                after = after.map(_ -> new ObjectKey(prefix + label + "0"));
            }
        } while (after.isPresent());
        return commits;
    }

    private Optional<CommitObject> understood(BackupLayout layout) {
        try {
            return find(layout).map(CommittedBackup::commit);
        } catch (CairnException e) {
            if (e.category() != ErrorCategory.CORRUPTION
                    && e.code() != ErrorCode.FORMAT_UNSUPPORTED) {
                throw e;
            }
            LOG.warnf("%s is passed over: %s", layout.label(), e.messageWithHint());
            return Optional.empty();
        }
    }

    /**
     * Requires that the commit object is as its executor signed it, and that every part lies there
     * with its length.
     *
     * @throws CairnException of category CORRUPTION
     */
    public void requireWhole(CommitObject commit, X509Certificate anchor) {
        BackupLayout layout = commit.layout();
        byte[] json = store.read(layout.commit(), COMMIT_BYTES_MAX);
        byte[] signature = store.read(layout.signature(commit.attempt()), SIGNATURE_BYTES_MAX);
        CommitSignature.verify(json, signature, anchor, layout.commit().value());
        StoredParts.list(store, commit)
                .missing()
                .findFirst()
                .ifPresent(part -> {
                    throw new CairnException(
                            ErrorCode.ARCHIVE_INCOMPLETE,
                            part.key()
                                    + " of "
                                    + commit.run()
                                    + " is missing or has another length",
                            "validate the backup; take a full backup");
                });
    }

    /** The first of them that is there. */
    public Optional<CommittedBackup> findAny(List<BackupLayout> layouts) {
        return layouts.stream().flatMap(layout -> find(layout).stream()).findFirst();
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

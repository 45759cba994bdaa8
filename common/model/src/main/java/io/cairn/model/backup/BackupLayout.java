package io.cairn.model.backup;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of one backup's objects, relative to {@link ClusterRoot#prefix()}:
 *
 * <pre>
 * backups/&lt;label&gt;/backup.json                          commit object
 * backups/&lt;label&gt;/backup.&lt;attempt&gt;.json                the commit object of an attempt that came second
 * backups/&lt;label&gt;/backup.&lt;attempt&gt;.sig                 detached CMS signature over the attempt's commit object
 * backups/&lt;label&gt;/&lt;attempt&gt;/&lt;archive&gt;/&lt;nnnnnn&gt;.gz.cms   volumes, numbered from 0
 * backups/&lt;label&gt;/&lt;attempt&gt;/backup_manifest.gz.cms
 * backups/&lt;label&gt;/&lt;attempt&gt;/backup_manifest.executors.gz.cms   the same, for executors
 * backups/&lt;label&gt;/&lt;attempt&gt;/backup_manifest.executors.key.cms  and its key, wrapped
 * backups/&lt;label&gt;/&lt;attempt&gt;/index.json.gz.cms
 * keys/backups/&lt;label&gt;/&lt;attempt&gt;.cms                   the backup's key, wrapped
 * keys/backups/&lt;label&gt;/&lt;attempt&gt;.&lt;rotation&gt;.cms        the same key, wrapped for others
 * </pre>
 *
 * <p>No key is a prefix of another, since some stores refuse that.
 */
public record BackupLayout(ClusterRoot root, BackupLabel label) {

    private static final Pattern COMMIT =
            Pattern.compile(
                    "([a-z0-9-]+)/(\\d+)/backups/(\\d{8}T\\d{6}Z-[FILS])/backup(\\.[0-9a-f]{16})?\\.json");

    public String prefix() {
        return root.backupsPrefix() + label + "/";
    }

    public ObjectKey commit() {
        return new ObjectKey(prefix() + "backup.json");
    }

    /**
     * Where the commit object of an attempt lies that another one came before: two executors that
     * wrote to different stores both committed the run. See {@link CommitObject#FIRST}.
     */
    public ObjectKey secondCommit(AttemptId attempt) {
        return new ObjectKey(commitPrefix() + attempt + ".json");
    }

    /** The attempt of which {@code key} is the {@link #secondCommit} here, if it is one. */
    public Optional<AttemptId> secondAttempt(ObjectKey key) {
        Matcher matcher = COMMIT.matcher(key.value());
        return matcher.matches() && matcher.group(4) != null && key.value().startsWith(prefix())
                ? Optional.of(new AttemptId(matcher.group(4).substring(1)))
                : Optional.empty();
    }

    public ObjectKey signature(AttemptId attempt) {
        return new ObjectKey(commitPrefix() + attempt + ".sig");
    }

    /** Of the commit objects and their signatures. */
    public String commitPrefix() {
        return prefix() + "backup.";
    }

    public String attemptPrefix(AttemptId attempt) {
        return prefix() + attempt + "/";
    }

    /**
     * @param archive {@code base.tar} or {@code <oid>.tar}
     * @param number from 0 to 999999
     */
    public ObjectKey volume(AttemptId attempt, String archive, int number) {
        return new ObjectKey("%s%s/%06d.gz.cms".formatted(attemptPrefix(attempt), archive, number));
    }

    public ObjectKey manifest(AttemptId attempt) {
        return new ObjectKey(attemptPrefix(attempt) + "backup_manifest.gz.cms");
    }

    public ObjectKey executorsManifest(AttemptId attempt) {
        return new ObjectKey(attemptPrefix(attempt) + "backup_manifest.executors.gz.cms");
    }

    /** Beside what it opens, where executors may read. */
    public ObjectKey executorsManifestKey(AttemptId attempt) {
        return new ObjectKey(attemptPrefix(attempt) + "backup_manifest.executors.key.cms");
    }

    public ObjectKey index(AttemptId attempt) {
        return new ObjectKey(attemptPrefix(attempt) + "index.json.gz.cms");
    }

    public ObjectKey wrappedKey(AttemptId attempt) {
        return new ObjectKey(wrapsPrefix(attempt) + "cms");
    }

    /** Of all wraps of an attempt's key: the first and those of rotations. */
    public String wrapsPrefix(AttemptId attempt) {
        return root.keysPrefix() + "backups/" + label + "/" + attempt + ".";
    }

    /** A wrap of an attempt's key that a rotation added. */
    public ObjectKey rotatedKey(AttemptId attempt, RotationId rotation) {
        return new ObjectKey(wrapsPrefix(attempt) + rotation + ".cms");
    }

    /** The layout that {@code key} is the commit object of, if it is one. */
    public static Optional<BackupLayout> ofCommit(ObjectKey key) {
        return ofAnyCommit(key).filter(layout -> layout.commit().equals(key));
    }

    /** As {@link #ofCommit}, and of a {@link #secondCommit} too. */
    public static Optional<BackupLayout> ofAnyCommit(ObjectKey key) {
        Matcher matcher = COMMIT.matcher(key.value());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        ClusterRoot root =
                new ClusterRoot(
                        new ClusterName(matcher.group(1)),
                        SystemIdentifier.parse(matcher.group(2)));
        return Optional.of(new BackupLayout(root, new BackupLabel(matcher.group(3))));
    }
}

package io.cairn.model.record;

import io.cairn.model.BackupLabel;
import io.cairn.model.Json;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A legal hold on a backup, {@code records/holds/<label>/<id>.json}, in every store. Until {@code
 * <id>.released.json} lies beside it, nothing expires of the backup, of those it builds on, and of
 * their WAL.
 *
 * @param id 32 lower-case hexadecimal digits
 * @param reason one line, why
 * @param by who placed it
 * @param at when
 */
public record LegalHold(String id, BackupLabel label, String reason, String by, Instant at) {

    /** No hold is longer by far. */
    public static final int BYTES_MAX = 64 << 10;

    private static final String WHAT = "holds";
    private static final String ID = "[0-9a-f]{32}";
    private static final Pattern BELOW =
            Pattern.compile(
                    "(?<label>\\d{8}T\\d{6}Z-[FILS])/(?<id>"
                            + ID
                            + ")(?<released>\\.released)?\\.json");

    public LegalHold {
        requireId(id);
    }

    /**
     * What ends a hold.
     *
     * @param id of the hold
     * @param reason one line, why
     * @param by who released it
     */
    public record Release(String id, BackupLabel label, String reason, String by, Instant at) {

        public Release {
            requireId(id);
        }

        public ObjectKey key(ClusterRoot root) {
            return root.record(WHAT, label.value(), id + ".released");
        }

        public byte[] toJson() {
            return Json.writeIndented(this);
        }

        /**
         * @throws CairnException {@link ErrorCode#RECORD_INVALID}
         */
        public static Release fromJson(byte[] json, String whence) {
            return RecordJson.read(json, Release.class, whence);
        }
    }

    /** A hold as a listing shows it: the key says all that retention has to know. */
    public record Placed(BackupLabel label, String id, ObjectKey key) {}

    private static void requireId(String id) {
        if (!id.matches(ID)) {
            throw new IllegalArgumentException("'" + id + "' is no id of a hold");
        }
    }

    /** Where the holds of a cluster lie, by label. */
    public static String prefix(ClusterRoot root) {
        return root.recordsPrefix() + WHAT + "/";
    }

    public ObjectKey key(ClusterRoot root) {
        return root.record(WHAT, label.value(), id);
    }

    /**
     * The holds that were not released.
     *
     * @param keys what lies under {@link #prefix} in all stores together; a hold counts wherever it
     *     lies, and so does its release
     */
    public static List<Placed> placed(ClusterRoot root, Collection<ObjectKey> keys) {
        Set<ObjectKey> all = Set.copyOf(keys);
        return all.stream()
                .sorted()
                .flatMap(key -> matcher(root, key).stream())
                .filter(found -> found.group("released") == null)
                .map(found -> {
                    BackupLabel label = new BackupLabel(found.group("label"));
                    String id = found.group("id");
                    return new Placed(label, id, root.record(WHAT, label.value(), id));
                })
                .filter(hold ->
                        !all.contains(
                                root.record(WHAT, hold.label().value(), hold.id() + ".released")))
                .collect(Collectors.toUnmodifiableList());
    }

    private static Optional<Matcher> matcher(ClusterRoot root, ObjectKey key) {
        String prefix = prefix(root);
        if (!key.value().startsWith(prefix)) {
            return Optional.empty();
        }
        Matcher matcher = BELOW.matcher(key.value().substring(prefix.length()));
        return matcher.matches() ? Optional.of(matcher) : Optional.empty();
    }

    public byte[] toJson() {
        return Json.writeIndented(this);
    }

    /**
     * @throws CairnException {@link ErrorCode#RECORD_INVALID}
     */
    public static LegalHold fromJson(byte[] json, String whence) {
        return RecordJson.read(json, LegalHold.class, whence);
    }
}

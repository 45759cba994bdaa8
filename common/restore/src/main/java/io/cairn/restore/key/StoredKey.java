package io.cairn.restore.key;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.RotationId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One key of a cluster, a backup's or a stream session's, with all its wraps in all stores.
 *
 * @param name the first wrap's key without {@code .cms}, wherever that is still there
 * @param wraps by store, the first before those that rotations added
 */
record StoredKey(String name, Map<StoreName, List<ObjectKey>> wraps) {

    private static final String SUFFIX = ".cms";
    private static final Pattern WRAP =
            Pattern.compile(
                    "(?<name>[a-z0-9-]+/\\d+/keys/(?:"
                            + "backups/(?<label>\\d{8}T\\d{6}Z-[FILS])/(?<attempt>[0-9a-f]{16})"
                            + "|wal/[0-9A-F]{8}/[0-9A-F]{16}-(?<session>[0-9a-f]{32})"
                            + "))(?:\\.[0-9a-f]{16})?\\.cms");

    /** A backup's attempt whose key it is. */
    record Attempt(BackupLabel label, AttemptId attempt) {}

    StoredKey(String name) {
        this(name, new TreeMap<>());
    }

    /** The name of the key that a wrap is of; empty for another object. */
    static Optional<String> nameOf(ObjectKey wrap) {
        Matcher matcher = WRAP.matcher(wrap.value());
        return matcher.matches() ? Optional.of(matcher.group("name")) : Optional.empty();
    }

    void add(StoreName store, ObjectKey wrap) {
        List<ObjectKey> there = wraps.computeIfAbsent(store, _ -> new ArrayList<>());
        there.add(wrap);
        there.sort(Comparator.comparing((ObjectKey key) -> !key.equals(first())));
    }

    ObjectKey first() {
        return new ObjectKey(name + SUFFIX);
    }

    ObjectKey rotated(RotationId rotation) {
        return new ObjectKey(name + "." + rotation + SUFFIX);
    }

    List<ObjectKey> in(StoreName store) {
        return wraps.getOrDefault(store, List.of());
    }

    Optional<Attempt> attempt() {
        Matcher matcher = matcher();
        return matcher.group("label") == null
                ? Optional.empty()
                : Optional.of(
                        new Attempt(
                                new BackupLabel(matcher.group("label")),
                                new AttemptId(matcher.group("attempt"))));
    }

    /** The key's id, where the name says it: of a stream session. */
    Optional<String> session() {
        return Optional.ofNullable(matcher().group("session"));
    }

    private Matcher matcher() {
        Matcher matcher = WRAP.matcher(first().value());
        if (!matcher.matches()) {
            throw new IllegalStateException(name + " is no key's name");
        }
        return matcher;
    }
}

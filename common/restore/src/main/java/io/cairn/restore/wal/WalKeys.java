package io.cairn.restore.wal;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.WrappedKey;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.WalLayout;
import io.cairn.restore.backup.ShreddedKeys;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The keys of stream sessions, each found by its id and unwrapped once, from whichever of its wraps
 * opens. Thread-safe.
 */
final class WalKeys {

    private static final Pattern NAME =
            Pattern.compile(
                    ".*/([0-9A-F]{8})/([0-9A-F]{16})-([0-9a-f]{32})(\\.[0-9a-f]{16})?\\.cms");

    /** A wrapped key takes a few hundred bytes for each recipient. */
    private static final int WRAPPED_BYTES_MAX = 1 << 20;

    /**
     * @param added by a rotation, so that it is tried after the first
     */
    private record Copy(ObjectStore store, ObjectKey key, boolean added) {}

    /**
     * A stream session, as the name of its key says.
     *
     * @param start of its first object
     */
    record Session(Timeline timeline, Lsn start, String keyId, ObjectKey key) {}

    private final WalLayout layout;
    private final List<ObjectStore> stores;
    private final Identity identity;
    private final Map<String, List<Copy>> listed = new HashMap<>();
    private final Map<String, Session> sessions = new HashMap<>();
    private final Map<String, BackupKey> unwrapped = new HashMap<>();
    private final Map<String, CairnException> lost = new HashMap<>();
    private boolean isListed;

    WalKeys(WalLayout layout, List<ObjectStore> stores, Identity identity) {
        this.layout = layout;
        this.stores = stores;
        this.identity = identity;
    }

    synchronized BackupKey key(String keyId, ObjectKey neededFor) {
        BackupKey known = unwrapped.get(keyId);
        if (known != null) {
            return known;
        }
        CairnException gone = lost.get(keyId);
        if (gone != null) {
            throw gone;
        }
        try {
            BackupKey key = unwrap(keyId, neededFor);
            unwrapped.put(keyId, key);
            return key;
        } catch (CairnException e) {
            if (e.category() != ErrorCategory.TRANSIENT) {
                lost.put(keyId, e);
            }
            throw e;
        }
    }

    /** All whose keys are stored, by where they begin. */
    synchronized List<Session> sessions() {
        if (!isListed) {
            list(new ArrayList<>());
        }
        return sessions.values().stream()
                .sorted(Comparator.comparing(Session::timeline).thenComparing(Session::start))
                .toList();
    }

    private BackupKey unwrap(String keyId, ObjectKey neededFor) {
        List<CairnException> problems = new ArrayList<>();
        for (Copy copy : copies(keyId, problems)) {
            try {
                return unwrap(keyId, copy);
            } catch (CairnException e) {
                problems.add(e);
            }
        }
        throw Problems.worst(problems).orElseGet(() -> missing(keyId, neededFor));
    }

    private CairnException missing(String keyId, ObjectKey neededFor) {
        CairnException missing =
                new CairnException(
                        ErrorCode.STORE_OBJECT_MISSING,
                        "the key " + keyId + " of " + neededFor + " is in no store",
                        "restore the objects below "
                                + layout.keysPrefix()
                                + " from another copy of the bucket");
        for (ObjectStore store : stores) {
            ShreddedKeys.requireNot(layout.root(), store, missing);
        }
        return missing;
    }

    private List<Copy> copies(String keyId, List<CairnException> problems) {
        if (!listed.containsKey(keyId)) {
            list(problems);
        }
        return listed.getOrDefault(keyId, List.of()).stream()
                .sorted(Comparator.comparing(Copy::added))
                .toList();
    }

    private void list(List<CairnException> problems) {
        listed.clear();
        for (ObjectStore store : stores) {
            try (Stream<ObjectInfo> keys = store.list(layout.keysPrefix())) {
                keys.forEach(info -> add(store, info.key()));
            } catch (CairnException e) {
                problems.add(e);
            }
        }
        isListed = problems.isEmpty();
    }

    private void add(ObjectStore store, ObjectKey key) {
        Matcher matcher = NAME.matcher(key.value());
        if (matcher.matches()) {
            String keyId = matcher.group(3);
            listed.computeIfAbsent(keyId, _ -> new ArrayList<>())
                    .add(new Copy(store, key, matcher.group(4) != null));
            sessions.putIfAbsent(
                    keyId,
                    new Session(
                            new Timeline(Integer.parseInt(matcher.group(1), 16)),
                            new Lsn(Long.parseUnsignedLong(matcher.group(2), 16)),
                            keyId,
                            key));
        }
    }

    private BackupKey unwrap(String keyId, Copy copy) {
        byte[] wrapped = copy.store().read(copy.key(), WRAPPED_BYTES_MAX);
        BackupKey key = WrappedKey.unwrap(wrapped, identity, copy.key().value());
        if (!key.id().equals(keyId)) {
            throw new CairnException(
                    ErrorCode.ARCHIVE_CORRUPT,
                    copy.key() + " in store '" + copy.store().name() + "' holds key " + key.id(),
                    "use another store's copy of it");
        }
        return key;
    }
}

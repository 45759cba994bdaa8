package io.cairn.sync;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.WalMetadata;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import io.cairn.sync.Difference.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Looks at one object in all stores, and repairs it.
 *
 * <p>An object is right if its bytes have the digest that its backup's commit object names, or,
 * where none names it, the one in its own metadata. What is wrong is overwritten only by a copy
 * whose bytes were compared with that digest on the way, and only if it is still what was found to
 * be wrong, twice. Immutable; blocks.
 */
final class ObjectCheck {

    private static final int BUFFER = 64 << 10;

    private final Map<StoreName, ObjectStore> stores;
    private final Depth depth;
    private final boolean repair;
    private final SyncLimits limits;
    private final Tally tally;

    ObjectCheck(
            List<ObjectStore> stores, Depth depth, boolean repair, SyncLimits limits, Tally tally) {
        this.stores = new LinkedHashMap<>();
        stores.forEach(store -> this.stores.put(store.name(), store));
        this.depth = depth;
        this.repair = repair;
        this.limits = limits;
        this.tally = tally;
    }

    /** What is known of the object in one store. */
    private sealed interface Look {

        /** Only the listing was looked at. */
        record Listed(ObjectInfo info) implements Look {}

        /** Its metadata says so. */
        record Told(ObjectInfo info, Sha256 sha256) implements Look {}

        /** It was read in full. */
        record Proven(ObjectInfo info, Sha256 sha256) implements Look {}

        /** Its bytes are wrong, or nothing says what they should be. */
        record Wrong(ObjectInfo info, String why) implements Look {}

        /** It cannot be read now, being archived. */
        record Archived(ObjectInfo info) implements Look {}

        record Absent() implements Look {}
    }

    /**
     * @return the stores in which the object is wanted and not right now
     * @throws CairnException a {@code STORE_…} code, if a store cannot be used now
     */
    Set<StoreName> check(Item item) throws InterruptedException {
        tally.compared(item.length());
        Map<StoreName, Look> looks = new LinkedHashMap<>();
        for (StoreName name : stores.keySet()) {
            if (item.in().containsKey(name)) {
                looks.put(name, look(item, name, depth.bytes().test(item.key())));
            } else if (item.wantedIn().contains(name)) {
                looks.put(name, new Look.Absent());
            }
        }
        if (isDoubtful(item, looks)) {
            for (StoreName name : item.in().keySet()) {
                looks.computeIfPresent(name, (_, look) -> proven(item, name, look));
            }
        }
        return settle(item, looks);
    }

    /** Whether it takes the bytes to tell which of the copies is right. */
    private static boolean isDoubtful(Item item, Map<StoreName, Look> looks) {
        boolean wrong = looks.values().stream().anyMatch(Look.Wrong.class::isInstance);
        long lengths = item.in().values().stream().map(ObjectInfo::length).distinct().count();
        long digests =
                looks.values().stream().flatMap(look -> digest(look).stream()).distinct().count();
        return wrong || (item.named().isEmpty() && (lengths > 1 || digests > 1));
    }

    private static Optional<Sha256> digest(Look look) {
        return switch (look) {
            case Look.Told told -> Optional.of(told.sha256());
            case Look.Proven proven -> Optional.of(proven.sha256());
            case Look.Listed _, Look.Wrong _, Look.Archived _, Look.Absent _ -> Optional.empty();
        };
    }

    private Look proven(Item item, StoreName name, Look look) {
        return switch (look) {
            case Look.Listed _, Look.Told _ -> read(item, store(name));
            case Look.Proven _, Look.Wrong _, Look.Archived _, Look.Absent _ -> look;
        };
    }

    private Look look(Item item, StoreName name, boolean bytes) {
        ObjectStore store = store(name);
        ObjectInfo listed = listed(item, name);
        boolean otherLength =
                item.named().filter(named -> named.length() != listed.length()).isPresent();
        if (bytes || otherLength) {
            return read(item, store);
        }
        if (!depth.digests().test(item.key())) {
            return new Look.Listed(listed);
        }
        Optional<ObjectInfo> info = again(() -> store.head(item.key()));
        if (info.isEmpty()) {
            return read(item, store);
        }
        Optional<Sha256> told = info.get().sha256();
        boolean same =
                told.isPresent()
                        && item.named()
                                .filter(named -> !named.sha256().equals(told.get()))
                                .isEmpty();
        return same ? new Look.Told(info.get(), told.get()) : read(item, store);
    }

    private ObjectStore store(StoreName name) {
        return Objects.requireNonNull(stores.get(name), "a store that is compared");
    }

    private static ObjectInfo listed(Item item, StoreName store) {
        return Objects.requireNonNull(item.in().get(store), "a store that lists it");
    }

    /** What is wrong is read a second time before it counts. */
    private Look read(Item item, ObjectStore store) {
        Look first = readOnce(item, store);
        return first instanceof Look.Wrong || first instanceof Look.Absent
                ? readOnce(item, store)
                : first;
    }

    private Look readOnce(Item item, ObjectStore store) {
        try {
            return again(() -> {
                try (ObjectContent content = store.get(item.key())) {
                    Sha256 digest = digest(content);
                    return judge(item, content.info(), content.length(), digest);
                }
            });
        } catch (CairnException e) {
            return switch (e.code()) {
                case STORE_OBJECT_MISSING -> new Look.Absent();
                case STORE_OBJECT_ARCHIVED -> new Look.Archived(listed(item, store.name()));
                default -> throw e;
            };
        }
    }

    private static Look judge(Item item, ObjectInfo info, long length, Sha256 actual) {
        Optional<Sha256> expected = item.named().map(StoredObject::sha256).or(info::sha256);
        if (expected.isEmpty()) {
            return new Look.Wrong(info, "carries no digest");
        }
        if (!expected.get().equals(actual)) {
            return new Look.Wrong(
                    info,
                    "has %d bytes of digest %s instead of %s"
                            .formatted(length, actual, expected.get()));
        }
        return new Look.Proven(info, actual);
    }

    private Sha256 digest(ObjectContent content) {
        MessageDigest digest = Sha256.newDigest();
        byte[] buffer = new byte[BUFFER];
        try (InputStream stream = content.stream()) {
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.STORE_UNREACHABLE,
                    "the connection broke off while reading " + content.info().key(),
                    "try again; if it happens again, see the store's log",
                    e);
        }
        tally.read(content.length());
        return Sha256.of(digest);
    }

    private Set<StoreName> settle(Item item, Map<StoreName, Look> looks)
            throws InterruptedException {
        if (isUndecided(item, looks)) {
            for (StoreName name : item.in().keySet()) {
                tell(item, name, Kind.UNDECIDED, false, "is another object than in the others");
            }
            return Set.copyOf(looks.keySet());
        }
        Set<StoreName> wrong = new HashSet<>();
        for (Map.Entry<StoreName, Look> entry : looks.entrySet()) {
            switch (entry.getValue()) {
                case Look.Absent _ when !item.wantedIn().contains(entry.getKey()) -> {}
                case Look.Absent _ -> wrong.add(entry.getKey());
                case Look.Wrong _ -> wrong.add(entry.getKey());
                case Look.Listed _, Look.Told _, Look.Proven _, Look.Archived _ -> {}
            }
        }
        return wrong.isEmpty() ? wrong : mend(item, looks, wrong);
    }

    private static boolean isUndecided(Item item, Map<StoreName, Look> looks) {
        if (item.named().isPresent() || item.sameness() == Item.Sameness.FACT) {
            return false;
        }
        Map<StoreName, Look.Proven> intact =
                looks.entrySet().stream()
                        .filter(entry -> entry.getValue() instanceof Look.Proven)
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey,
                                        entry -> (Look.Proven) entry.getValue()));
        Set<Sha256> digests =
                intact.values().stream().map(Look.Proven::sha256).collect(Collectors.toSet());
        Set<Optional<Sha256>> wal =
                intact.values().stream()
                        .map(look -> WalMetadata.plainSha256(look.info().metadata()))
                        .collect(Collectors.toSet());
        boolean sameWal =
                item.sameness() == Item.Sameness.WAL
                        && wal.size() == 1
                        && !wal.contains(Optional.<Sha256>empty());
        return digests.size() > 1 && !sameWal;
    }

    private Set<StoreName> mend(Item item, Map<StoreName, Look> looks, Set<StoreName> wrong)
            throws InterruptedException {
        Set<StoreName> still = new HashSet<>(wrong);
        Map<StoreName, Look> sources = new LinkedHashMap<>(looks);
        sources.keySet().removeAll(wrong);
        boolean wanted = !repair || item.stillWanted().getAsBoolean();
        if (!wanted) {
            return still;
        }
        Set<StoreName> mended = new HashSet<>();
        for (StoreName name : wrong) {
            Look look = Objects.requireNonNull(looks.get(name));
            if (repair && mend(item, name, look, sources)) {
                mended.add(name);
                still.remove(name);
            }
        }
        // Those that turned out to be wrong as well while they were read to repair the others.
        Set<StoreName> alsoWrong = new HashSet<>(item.in().keySet());
        alsoWrong.removeAll(wrong);
        alsoWrong.removeAll(sources.keySet());
        boolean lost = sources.isEmpty();
        for (StoreName name : wrong) {
            Look look = Objects.requireNonNull(looks.get(name));
            Kind kind = look instanceof Look.Absent ? Kind.MISSING : Kind.DAMAGED;
            tell(item, name, lost ? Kind.LOST : kind, mended.contains(name), why(look));
        }
        for (StoreName name : alsoWrong) {
            still.add(name);
            tell(
                    item,
                    name,
                    lost ? Kind.LOST : Kind.DAMAGED,
                    false,
                    "has other bytes than it should");
        }
        return still;
    }

    private static String why(Look look) {
        return look instanceof Look.Wrong(ObjectInfo _, String why) ? why : "is missing";
    }

    private boolean mend(Item item, StoreName name, Look look, Map<StoreName, Look> sources)
            throws InterruptedException {
        for (StoreName source : List.copyOf(sources.keySet())) {
            if (sources.get(source) instanceof Look.Archived) {
                continue;
            }
            try {
                return switch (look) {
                    case Look.Wrong(ObjectInfo present, String _) ->
                            again(() -> replace(item, store(source), store(name), present));
                    default -> again(() -> create(item, store(source), store(name)));
                };
            } catch (CairnException e) {
                switch (e.code()) {
                    case STORE_OBJECT_DIFFERS, STORE_OBJECT_MISSING -> {
                        if (!isIntact(item, store(source))) {
                            sources.remove(source);
                        }
                    }
                    default -> throw e;
                }
            }
        }
        return false;
    }

    private boolean isIntact(Item item, ObjectStore store) {
        return read(item, store) instanceof Look.Proven;
    }

    /**
     * It is locked and held as the good copy is, and as what is beside it in this store: a lock may
     * have been told here that the other store could not give.
     */
    private static boolean create(Item item, ObjectStore source, ObjectStore target) {
        PutOutcome put =
                item.of()
                        .flatMap(of -> target.head(of.beside()))
                        .map(beside ->
                                ObjectStores.protectedLike(
                                        beside,
                                        PutOptions.NONE,
                                        options -> copy(item, source, target, options)))
                        .orElseGet(() -> copy(item, source, target, PutOptions.NONE));
        return !(put instanceof PutOutcome.Different);
    }

    private static PutOutcome copy(
            Item item, ObjectStore source, ObjectStore target, PutOptions options) {
        return item.named().isPresent()
                ? ObjectStores.copy(source, item.named().get(), target, options)
                : ObjectStores.copy(source, item.key(), target, options);
    }

    /**
     * The PUT ends only if the bytes that are read have the digest; else nothing is changed. What
     * is stored is locked and held as the damaged version beneath it is, and as the good copy is.
     */
    private static boolean replace(
            Item item, ObjectStore source, ObjectStore target, ObjectInfo present) {
        ObjectInfo good = source.head(item.key()).orElseThrow(() -> missing(item.key(), source));
        StoredObject named =
                item.named()
                        .orElseGet(() ->
                                new StoredObject(
                                        item.key(),
                                        good.length(),
                                        good.sha256()
                                                .orElseThrow(() -> missing(item.key(), source))));
        ObjectBody body =
                ObjectBody.of(named.length(), named.sha256(), () -> source.get(named).stream());
        PutOutcome put =
                ObjectStores.protectedLike(
                        present,
                        PutOptions.NONE.withMetadata(good.metadata()),
                        asBefore ->
                                ObjectStores.protectedLike(
                                        good,
                                        asBefore,
                                        options -> target.replace(present, body, options)));
        return !(put instanceof PutOutcome.Different);
    }

    private static CairnException missing(ObjectKey key, ObjectStore store) {
        return new CairnException(
                ErrorCode.STORE_OBJECT_MISSING,
                key + " is not in store '" + store.name() + "'",
                "it was deleted meanwhile");
    }

    private void tell(Item item, StoreName name, Kind kind, boolean repaired, String why) {
        tally.add(
                new Difference(
                        name,
                        item.key(),
                        kind,
                        repaired,
                        item.storedAt(),
                        item.length(),
                        item.of().map(Item.Of::run),
                        item.of().map(Item.Of::attempt),
                        why));
    }

    /** Each store has retried its calls itself; a body that broke off has not been. */
    private <T> T again(Supplier<T> call) {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.get();
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.TRANSIENT || attempt == limits.attempts()) {
                    throw e;
                }
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(limits.pause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(
                    ErrorCode.STORE_UNREACHABLE,
                    "the comparison was interrupted",
                    "this process was told to stop",
                    e);
        }
    }
}

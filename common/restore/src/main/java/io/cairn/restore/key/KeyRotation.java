package io.cairn.restore.key;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.RecipientName;
import io.cairn.archive.key.Recipients;
import io.cairn.archive.key.WrappedKey;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.RotationId;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.InParallel;
import io.cairn.restore.backup.BackupReader;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.Retention;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Wraps every key of a cluster for other recipients, in two phases. The first adds a wrap for them
 * beside the others, in every store that has the key, and proves it by opening what was stored with
 * a new private key. The second removes the older wraps, once every new one is proven again. Both
 * can be broken off at any point and called again: the new wraps' name comes from the recipients
 * alone. The keys of backups that have expired are left to the clean-up.
 *
 * <p>Every store must answer: a wrap that cannot be seen cannot be replaced.
 */
public final class KeyRotation {

    /** What replication copies back while wraps are removed is removed again. */
    private static final int ROUNDS = 3;

    private final List<ObjectStore> stores;
    private final List<BackupReader> readers;
    private final Recipients recipients;
    private final List<Identity> identities;
    private final RecipientProof proof;
    private final InstantSource clock;
    private final int threads;
    private final RotationId rotation;
    private final Set<RecipientName> wanted;

    /**
     * @param recipients whom everything is to be wrapped for
     * @param identities private keys at hand: one that opens the keys now, and those that prove the
     *     new wraps; they may be the same
     * @param threads keys worked on at once
     */
    public KeyRotation(
            List<ObjectStore> stores,
            X509Certificate trustAnchor,
            Recipients recipients,
            List<Identity> identities,
            InstantSource clock,
            int threads) {
        this.stores = List.copyOf(stores);
        this.readers = stores.stream().map(store -> new BackupReader(store, trustAnchor)).toList();
        this.recipients = recipients;
        this.identities = List.copyOf(identities);
        this.proof = new RecipientProof(recipients, this.identities);
        this.clock = clock;
        this.threads = threads;
        this.rotation = recipients.rotation();
        this.wanted = recipients.names();
    }

    /** A cluster's lives in any of the stores. */
    public List<ClusterRoot> roots(ClusterName cluster) {
        return readers.stream()
                .flatMap(reader -> reader.roots(cluster).stream())
                .distinct()
                .toList();
    }

    /** Told of each key that is done, by several threads. */
    public interface Progress {
        void update(int done, int total);
    }

    /**
     * An older wrap that stays.
     *
     * @param until when its lock ends; empty for a legal hold
     */
    public record Kept(StoreName store, ObjectKey wrap, Optional<Instant> until) {}

    /** What is wrong with one key. */
    public record Problem(ObjectKey key, CairnException cause) {}

    /**
     * What was done, or in a dry run would be.
     *
     * @param keys of the cluster
     * @param added wraps, in all stores together
     * @param proven keys whose new wraps were opened in every store that has them
     * @param removed older wraps, in all stores together
     * @param kept older wraps that a lock or hold keeps
     * @param problems keys that were left as they are
     */
    public record Report(
            ClusterRoot root,
            int keys,
            int added,
            int proven,
            int removed,
            List<Kept> kept,
            List<Problem> problems) {}

    /**
     * Phase one.
     *
     * @param dryRun change nothing, and prove nothing
     * @throws CairnException before anything is written: {@link ErrorCode#KEY_CANNOT_DECRYPT} if a
     *     recipient's private key was not shown, {@link ErrorCode#CERTIFICATE_INVALID}; {@code
     *     STORE_…} of category TRANSIENT at any time
     */
    public Report add(ClusterRoot root, boolean dryRun, Progress progress)
            throws InterruptedException {
        List<StoredKey> keys = keys(root);
        proof.requireShown(keys, stores, clock.instant());
        KeyIds ids = new KeyIds(root, readers);
        AtomicInteger done = new AtomicInteger();
        return report(
                root,
                keys,
                InParallel.all(
                        threads,
                        keys,
                        key -> {
                            Outcome outcome = attempt(key, () -> add(key, ids, dryRun));
                            progress.update(done.incrementAndGet(), keys.size());
                            return outcome;
                        }));
    }

    /**
     * Phase two.
     *
     * @param dryRun prove everything, tell what would be removed and what is locked
     * @throws CairnException before anything is removed: as {@link #add}, and {@link
     *     ErrorCode#KEY_CANNOT_DECRYPT} or what else is wrong with a new wrap if one is not proven
     */
    public Report retire(ClusterRoot root, boolean dryRun, Progress progress)
            throws InterruptedException {
        List<StoredKey> keys = keys(root);
        proof.requireShown(keys, stores, clock.instant());
        KeyIds ids = new KeyIds(root, readers);
        AtomicInteger done = new AtomicInteger();
        List<Outcome> proofs =
                InParallel.all(
                        threads,
                        keys,
                        key -> {
                            Outcome proof =
                                    attempt(
                                            key,
                                            () -> {
                                                prove(key, ids.of(key), openedByOlder(key));
                                                return Outcome.proof();
                                            });
                            progress.update(done.incrementAndGet(), 2 * keys.size());
                            return proof;
                        });
        if (proofs.stream().anyMatch(proof -> proof.problem() != null)) {
            return report(root, keys, proofs);
        }
        if (dryRun) {
            List<Outcome> outcomes = new ArrayList<>(proofs);
            outcomes.addAll(remove(keys, true, progress));
            return report(root, keys, outcomes);
        }
        int removed = 0;
        Map<String, Kept> kept = new TreeMap<>();
        List<StoredKey> left = keys;
        for (int round = 1; round <= ROUNDS && !left.isEmpty(); round++) {
            for (Outcome outcome : remove(left, false, round == 1 ? progress : (_, _) -> {})) {
                removed += outcome.removed();
                outcome.kept().forEach(wrap -> kept.put(wrap.store() + "/" + wrap.wrap(), wrap));
            }
            left = keys(root).stream().filter(key -> hasOlder(key, kept.keySet())).toList();
        }
        return new Report(
                root, keys.size(), 0, keys.size(), removed, List.copyOf(kept.values()), List.of());
    }

    /** Those of backups that have expired go with them; until then a lock may keep their wraps. */
    private List<StoredKey> keys(ClusterRoot root) {
        Set<BackupLabel> expired =
                readers.stream()
                        .flatMap(reader -> reader.tombstones(root).stream())
                        .collect(Collectors.toSet());
        return KeyInventory.list(root, stores).stream()
                .filter(key ->
                        key.attempt()
                                .filter(attempt -> expired.contains(attempt.label()))
                                .isEmpty())
                .toList();
    }

    private List<Outcome> remove(List<StoredKey> keys, boolean dryRun, Progress progress)
            throws InterruptedException {
        AtomicInteger done = new AtomicInteger(keys.size());
        return InParallel.all(
                threads,
                keys,
                key -> {
                    Outcome outcome = remove(key, dryRun);
                    progress.update(done.incrementAndGet(), 2 * keys.size());
                    return outcome;
                });
    }

    private record Outcome(
            int added, int proven, int removed, List<Kept> kept, @Nullable Problem problem) {

        static Outcome added(int wraps, boolean proven) {
            return new Outcome(wraps, proven ? 1 : 0, 0, List.of(), null);
        }

        static Outcome proof() {
            return added(0, true);
        }
    }

    private interface Step {
        Outcome run();
    }

    /** What is wrong with one key does not keep the others from being done. */
    private static Outcome attempt(StoredKey key, Step step) {
        try {
            return step.run();
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                throw e;
            }
            return new Outcome(0, 0, 0, List.of(), new Problem(key.first(), e));
        }
    }

    private static Report report(ClusterRoot root, List<StoredKey> keys, List<Outcome> outcomes) {
        return new Report(
                root,
                keys.size(),
                outcomes.stream().mapToInt(Outcome::added).sum(),
                outcomes.stream().mapToInt(Outcome::proven).sum(),
                outcomes.stream().mapToInt(Outcome::removed).sum(),
                outcomes.stream().flatMap(outcome -> outcome.kept().stream()).toList(),
                outcomes.stream()
                        .flatMap(outcome -> Optional.ofNullable(outcome.problem()).stream())
                        .toList());
    }

    // Phase one

    private Outcome add(StoredKey key, KeyIds ids, boolean dryRun) {
        Optional<String> id = ids.of(key);
        List<ObjectStore> lacking =
                having(key).filter(store -> current(key, store).isEmpty()).toList();
        if (dryRun) {
            return Outcome.added(lacking.size(), lacking.isEmpty());
        }
        Optional<BackupKey> opened = openedByOlder(key);
        if (!lacking.isEmpty()) {
            BackupKey known =
                    KeyIds.require(
                            id,
                            opened.or(() -> openedBy(key, wrap -> true))
                                    .orElseThrow(() -> unopened(key)),
                            key.first().value());
            byte[] wrap = newWrap(key).orElseGet(() -> recipients.wrap(known, clock.instant()));
            requireHolds(wrap, key.rotated(rotation), id, Optional.of(known));
            for (ObjectStore store : lacking) {
                PutOptions options = like(key, store);
                store.putIfAbsent(key.rotated(rotation), ObjectBody.of(wrap), options).orThrow();
                key.add(store.name(), key.rotated(rotation));
            }
        }
        prove(key, id, opened);
        return Outcome.added(lacking.size(), true);
    }

    /** What a legal hold keeps would not open for long without its new wraps. */
    private static PutOptions like(StoredKey key, ObjectStore store) {
        boolean held =
                key.in(store.name()).stream()
                        .anyMatch(
                                wrap -> store.head(wrap).filter(ObjectInfo::legalHold).isPresent());
        return held ? PutOptions.NONE.withLegalHold() : PutOptions.NONE;
    }

    /** Every store gets the same bytes, also when it is done in several goes. */
    private Optional<byte[]> newWrap(StoredKey key) {
        ObjectKey rotated = key.rotated(rotation);
        return having(key)
                .filter(store -> key.in(store.name()).contains(rotated))
                .findFirst()
                .map(store -> BackupWraps.read(store, rotated));
    }

    private Stream<ObjectStore> having(StoredKey key) {
        return stores.stream().filter(store -> !key.in(store.name()).isEmpty());
    }

    /**
     * The wrap for exactly the wanted recipients: a rotation's, or the first if it was for them.
     */
    private Optional<ObjectKey> current(StoredKey key, ObjectStore store) {
        List<ObjectKey> there = key.in(store.name());
        if (there.contains(key.rotated(rotation))) {
            return Optional.of(key.rotated(rotation));
        }
        return Optional.of(key.first())
                .filter(there::contains)
                .filter(first -> isForWanted(store, first));
    }

    private boolean isForWanted(ObjectStore store, ObjectKey first) {
        byte[] wrap = store.read(first, BackupWraps.BYTES_MAX);
        return WrappedKey.recipients(wrap, first.value()).equals(wanted);
    }

    private Optional<BackupKey> openedByOlder(StoredKey key) {
        return openedBy(key, wrap -> !wrap.equals(key.rotated(rotation)));
    }

    /** The key, from the first wrap that one of the identities opens. */
    private Optional<BackupKey> openedBy(StoredKey key, Predicate<ObjectKey> which) {
        for (ObjectStore store : stores) {
            for (ObjectKey wrap : key.in(store.name())) {
                if (which.test(wrap)) {
                    Optional<BackupKey> opened = opened(store, wrap);
                    if (opened.isPresent()) {
                        return opened;
                    }
                }
            }
        }
        return Optional.empty();
    }

    private Optional<BackupKey> opened(ObjectStore store, ObjectKey wrap) {
        for (Identity identity : identities) {
            try {
                return Optional.of(
                        WrappedKey.unwrap(
                                store.read(wrap, BackupWraps.BYTES_MAX), identity, wrap.value()));
            } catch (CairnException e) {
                if (e.category() == ErrorCategory.TRANSIENT) {
                    throw e;
                }
                // Another identity, wrap or store may have it.
            }
        }
        return Optional.empty();
    }

    private static CairnException unopened(StoredKey key) {
        return new CairnException(
                ErrorCode.KEY_CANNOT_DECRYPT,
                "no private key at hand opens any wrap of " + key.first(),
                "configure one of its recipients as keys.identity: cairn key check names them");
    }

    // The proof

    /**
     * Reads the new wrap back from every store that has the key, and opens it with every private
     * key that was shown.
     *
     * @param known the same key from an older wrap, where that opens
     */
    private void prove(StoredKey key, Optional<String> id, Optional<BackupKey> known) {
        having(key)
                .forEach(store -> {
                    ObjectKey wrap = current(key, store).orElseThrow(() -> notWrapped(key, store));
                    requireHolds(store.read(wrap, BackupWraps.BYTES_MAX), wrap, id, known);
                });
    }

    private void requireHolds(
            byte[] bytes, ObjectKey wrap, Optional<String> id, Optional<BackupKey> known) {
        for (Identity identity : proof.shown()) {
            BackupKey opened =
                    KeyIds.require(
                            id, WrappedKey.unwrap(bytes, identity, wrap.value()), wrap.value());
            if (known.isPresent() && !known.get().isSameAs(opened)) {
                throw new CairnException(
                        ErrorCode.ARCHIVE_CORRUPT,
                        wrap + " holds another key than the wraps beside it",
                        "somebody else wrote it; find out who, and remove it");
            }
        }
    }

    private static CairnException notWrapped(StoredKey key, ObjectStore store) {
        return new CairnException(
                ErrorCode.KEY_CANNOT_DECRYPT,
                key.first() + " has no wrap for the new recipients in store '" + store.name() + "'",
                "run cairn key rotate first; executors must wrap for the new recipients, too");
    }

    // Phase two

    /**
     * @param kept {@code store/wrap} of those that cannot be removed
     */
    private boolean hasOlder(StoredKey key, Set<String> kept) {
        return having(key)
                .anyMatch(store -> {
                    Optional<ObjectKey> current = current(key, store);
                    return key.in(store.name()).stream()
                            .filter(wrap -> !current.equals(Optional.of(wrap)))
                            .anyMatch(wrap -> !kept.contains(store.name() + "/" + wrap));
                });
    }

    private Outcome remove(StoredKey key, boolean dryRun) {
        int removed = 0;
        List<Kept> kept = new ArrayList<>();
        for (ObjectStore store : having(key).toList()) {
            // Never the last one: what was proven may be gone since.
            ObjectKey current = current(key, store).orElseThrow(() -> notWrapped(key, store));
            for (ObjectKey wrap : key.in(store.name())) {
                if (!wrap.equals(current)) {
                    Optional<Kept> locked = dryRun ? locked(store, wrap) : delete(store, wrap);
                    locked.ifPresent(kept::add);
                    removed += locked.isPresent() ? 0 : 1;
                }
            }
        }
        return new Outcome(0, 0, removed, kept, null);
    }

    private Optional<Kept> delete(ObjectStore store, ObjectKey wrap) {
        try {
            store.delete(wrap);
            return Optional.empty();
        } catch (CairnException e) {
            if (e.code() != ErrorCode.STORE_LOCKED) {
                throw e;
            }
            return Optional.of(
                    locked(store, wrap)
                            .orElseGet(() -> new Kept(store.name(), wrap, Optional.empty())));
        }
    }

    private Optional<Kept> locked(ObjectStore store, ObjectKey wrap) {
        Optional<ObjectInfo> info = store.head(wrap);
        Optional<Instant> until =
                info.flatMap(ObjectInfo::retention)
                        .map(Retention::until)
                        .filter(clock.instant()::isBefore);
        return until.isPresent() || info.filter(ObjectInfo::legalHold).isPresent()
                ? Optional.of(new Kept(store.name(), wrap, until))
                : Optional.empty();
    }
}

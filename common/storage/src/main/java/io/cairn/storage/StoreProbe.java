package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Finds out what a bucket can do by doing it, with a few objects of some bytes under {@value
 * #PREFIX}, and deletes them again. If deleting is refused it says so, with the key of what
 * remains, and does not go on creating.
 */
public final class StoreProbe {

    /** Everything the probe creates lies under it. */
    public static final String PREFIX = ".cairn-probe/";

    /**
     * Where nobody may store anything. A lock that is asked for there is refused because it is too
     * long, or else because there is nothing to lock.
     */
    public static final ObjectKey NOWHERE = new ObjectKey(".cairn-lock-probe/never-stored");

    private static final int WRITERS = 8;
    private static final Duration LOCK = Duration.ofSeconds(3);
    private static final Duration LOCK_POLL = Duration.ofMillis(500);

    /** The lock's time and 10 seconds more. */
    private static final int LOCK_POLLS = 26;

    private final ObjectStore store;
    private final String prefix;
    private final Consumer<Duration> pause;
    private final Map<StoreCapability, Finding> findings = new EnumMap<>(StoreCapability.class);

    private StoreProbe(ObjectStore store, RandomGenerator random, Consumer<Duration> pause) {
        this.store = store;
        this.prefix = PREFIX + HexFormat.of().toHexDigits(random.nextLong()) + "/";
        this.pause = pause;
    }

    /** What became of one capability. */
    public sealed interface Finding {

        /** It was seen to work. */
        record Works() implements Finding {}

        /** It was seen not to work. */
        record Lacks(String reason) implements Finding {}

        /** It could not be found out. */
        record Unknown(CairnException error) implements Finding {}
    }

    /**
     * What was found; capabilities that were not reached, because an earlier one failed, are
     * absent.
     */
    public record Report(Map<StoreCapability, Finding> findings) {

        public Report {
            findings = Collections.unmodifiableMap(new EnumMap<>(findings));
        }

        public boolean works(StoreCapability capability) {
            return findings.get(capability) instanceof Finding.Works;
        }

        /** Whether all that Cairn cannot do without works. */
        public boolean usable() {
            return Arrays.stream(StoreCapability.values())
                    .filter(StoreCapability::required)
                    .allMatch(this::works);
        }
    }

    /**
     * Takes a few seconds where the bucket has Object Lock, else well under one. Never throws what
     * the store said.
     */
    public static Report run(ObjectStore store, RandomGenerator random) {
        return run(store, random, StoreProbe::sleep);
    }

    /**
     * @param pause lets the store's time pass
     */
    static Report run(ObjectStore store, RandomGenerator random, Consumer<Duration> pause) {
        StoreProbe probe = new StoreProbe(store, random, pause);
        probe.run();
        return new Report(probe.findings);
    }

    private void run() {
        ObjectKey first = key("first");
        if (!find(StoreCapability.CREATE, () -> create(first))) {
            return;
        }
        find(StoreCapability.READ, () -> read(first));
        find(StoreCapability.LIST, () -> list(first));
        find(StoreCapability.VERSIONING, () -> versioning(first));
        if (!find(StoreCapability.DELETE, () -> delete(first))) {
            return;
        }
        find(StoreCapability.CONDITIONAL_PUT, this::race);
        find(StoreCapability.CHECKSUMS, this::checksums);
        find(StoreCapability.TAGS, this::tags);
        find(StoreCapability.OBJECT_LOCK, this::objectLock);
    }

    private boolean find(StoreCapability capability, Supplier<Finding> attempt) {
        Finding finding = attempt(attempt);
        findings.put(capability, finding);
        return finding instanceof Finding.Works;
    }

    private static Finding attempt(Supplier<Finding> attempt) {
        try {
            return attempt.get();
        } catch (CairnException e) {
            return new Finding.Unknown(e);
        }
    }

    private ObjectKey key(String name) {
        return new ObjectKey(prefix + name);
    }

    private static ObjectBody body(String text) {
        return ObjectBody.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    private Finding create(ObjectKey key) {
        store.putIfAbsent(key, body("probe")).orThrow();
        return new Finding.Works();
    }

    private Finding read(ObjectKey key) {
        ObjectInfo info = store.head(key).orElse(null);
        if (info == null) {
            return new Finding.Lacks("an object just stored is not there");
        }
        if (!info.holds(body("probe"))) {
            return new Finding.Lacks(
                    "the user metadata of an object is lost; s3proxy wants extended attributes for it");
        }
        byte[] bytes = store.read(key, 100);
        return Arrays.equals(bytes, "probe".getBytes(StandardCharsets.US_ASCII))
                ? new Finding.Works()
                : new Finding.Lacks("an object just stored has other bytes");
    }

    private Finding list(ObjectKey key) {
        List<ObjectKey> keys = store.list(prefix).map(ObjectInfo::key).toList();
        return keys.equals(List.of(key))
                ? new Finding.Works()
                : new Finding.Lacks("a listing shows " + keys + " instead of what was just stored");
    }

    private Finding versioning(ObjectKey key) {
        boolean versioned =
                store.head(key)
                        .flatMap(ObjectInfo::versionId)
                        .filter(id -> !id.equals("null"))
                        .isPresent();
        return versioned ? new Finding.Works() : new Finding.Lacks("the bucket is not versioned");
    }

    private Finding delete(ObjectKey key) {
        try {
            store.delete(key);
        } catch (CairnException e) {
            return new Finding.Lacks(e.messageWithHint() + "; " + key + " remains");
        }
        return store.head(key).isEmpty()
                ? new Finding.Works()
                : new Finding.Lacks(key + " remains after its deletion");
    }

    private Finding race() {
        ObjectKey key = key("race");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<PutOutcome>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                ObjectBody body = body("writer " + i);
                writers.add(() -> store.putIfAbsent(key, body));
            }
            long winners =
                    threads.invokeAll(writers).stream()
                            .map(StoreProbe::outcome)
                            .filter(PutOutcome.Created.class::isInstance)
                            .count();
            return winners == 1
                    ? new Finding.Works()
                    : new Finding.Lacks(
                            winners
                                    + " of "
                                    + WRITERS
                                    + " writers believe they created one object");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        } finally {
            store.delete(key);
        }
    }

    private static PutOutcome outcome(Future<PutOutcome> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CairnException error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
    }

    private static CairnException interrupted(InterruptedException cause) {
        return new CairnException(
                ErrorCode.STORE_UNREACHABLE,
                "the probe was interrupted",
                "this process was told to stop",
                cause);
    }

    private Finding checksums() {
        ObjectKey key = key("checksum");
        ObjectBody sent = body("sent");
        ObjectBody wrong = ObjectBody.of(sent.length(), Sha256.of(new byte[0]), sent::open);
        try {
            store.putIfAbsent(key, wrong);
        } catch (CairnException e) {
            if (e.code() == ErrorCode.STORE_OBJECT_DIFFERS) {
                return new Finding.Works();
            }
            throw e;
        }
        store.delete(key);
        return new Finding.Lacks(
                "it stored bytes under a digest that is not theirs; damage on the way is found on reading");
    }

    private Finding tags() {
        ObjectKey key = key("tagged");
        Map<String, String> tags = Map.of("cairn-probe", "tag");
        try {
            store.putIfAbsent(key, body("tagged"), PutOptions.NONE.withTags(tags)).orThrow();
            return store.tags(key).equals(tags)
                    ? new Finding.Works()
                    : new Finding.Lacks(
                            "an object is stored without the tags it comes with: the credential may"
                                    + " not tag, or the store does not");
        } catch (CairnException e) {
            if (e.code() == ErrorCode.STORE_ERROR) {
                return new Finding.Lacks("the store has no tags");
            }
            throw e;
        } finally {
            store.delete(key);
        }
    }

    /**
     * Whether objects are put in a storage class, by putting one of some bytes there. S3 bills the
     * class's minimum for it.
     */
    public static Finding storageClass(
            ObjectStore store, RandomGenerator random, StorageClass storageClass) {
        return attempt(() -> new StoreProbe(store, random, _ -> {}).storageClass(storageClass));
    }

    private Finding storageClass(StorageClass wanted) {
        ObjectKey key = key("class");
        store.putIfAbsent(key, body("class"), PutOptions.NONE.withStorageClass(wanted.name()))
                .orThrow();
        try {
            Optional<String> found = store.head(key).flatMap(ObjectInfo::storageClass);
            return found.equals(Optional.of(wanted.name()))
                    ? new Finding.Works()
                    : new Finding.Lacks(
                            "what is stored as "
                                    + wanted
                                    + " is in the class "
                                    + found.orElse("STANDARD"));
        } finally {
            store.delete(key);
        }
    }

    /**
     * Whether {@code target} copies by itself from {@code source}, without the bytes passing
     * through Cairn. Nothing needs it, but it saves their way.
     */
    public static Finding copies(ObjectStore source, ObjectStore target, RandomGenerator random) {
        return attempt(() -> {
            StoreProbe from = new StoreProbe(source, random, _ -> {});
            return from.copiesTo(target);
        });
    }

    private Finding copiesTo(ObjectStore target) {
        List<ObjectKey> keys = List.of(key("copy-1"), key("copy-2"), key("copy-3"));
        try {
            Optional<PutOutcome> outcome = Optional.empty();
            for (ObjectKey key : keys) {
                ObjectBody body = body(key.value());
                StoredObject object = new StoredObject(key, body.length(), body.sha256());
                store.putIfAbsent(key, body).orThrow();
                outcome = target.copyIfAbsent(store, object, PutOptions.NONE);
                if (outcome.isEmpty()) {
                    ObjectStores.copy(store, key, target).orThrow();
                }
            }
            return outcome.isPresent()
                    ? new Finding.Works()
                    : new Finding.Lacks(
                            "another endpoint or credential, or copies overwrite what is there");
        } finally {
            keys.forEach(target::delete);
            keys.forEach(store::delete);
        }
    }

    /**
     * Whether a bucket enforces Object Lock, by locking an object of some bytes and trying to
     * delete it. Takes the few seconds of that lock.
     *
     * @param pause lets the store's time pass
     */
    public static Finding objectLock(
            ObjectStore store, RandomGenerator random, Consumer<Duration> pause) {
        return attempt(() -> new StoreProbe(store, random, pause).objectLock());
    }

    /** As {@link #objectLock(ObjectStore, RandomGenerator, Consumer)}, in real time. */
    public static Finding objectLock(ObjectStore store, RandomGenerator random) {
        return objectLock(store, random, StoreProbe::sleep);
    }

    private Finding objectLock() {
        ObjectKey key = key("locked");
        Instant until = storeTime().plus(LOCK);
        try {
            store.putIfAbsent(
                    key,
                    body("locked"),
                    PutOptions.NONE.withRetention(new Retention(ObjectLockMode.GOVERNANCE, until)));
        } catch (CairnException e) {
            if (e.code() == ErrorCode.STORE_NO_OBJECT_LOCK) {
                return new Finding.Lacks("the bucket has no Object Lock");
            }
            throw e;
        }
        try {
            store.delete(key);
            return new Finding.Lacks("the store takes locks and deletes the object all the same");
        } catch (CairnException e) {
            if (e.code() != ErrorCode.STORE_LOCKED) {
                throw e;
            }
        }
        deleteWhenUnlocked(key, until);
        return new Finding.Works();
    }

    /** How long a lock may be in a bucket. */
    public sealed interface LockLength {

        /** As long as was asked for. */
        record Allowed() implements LockLength {}

        /**
         * @param longest what is still taken, in whole days
         * @param refusal of what was asked for
         */
        record AtMost(Duration longest, CairnException refusal) implements LockLength {}

        /** The store, or this credential, does not let it be found out. */
        record Untold(CairnException error) implements LockLength {}
    }

    /**
     * Whether a bucket takes a lock of a length, and else which it takes. S3 has no way to ask for
     * a bucket's limit, which stands in its policy ({@code
     * s3:object-lock-remaining-retention-days}), and an object under a lock of years would stay for
     * years. So the lock is asked for where no object is ({@link #NOWHERE}): a store decides about
     * rights and dates before it looks for the object. Stores nothing and locks nothing; one
     * request, or some ten where there is a limit.
     *
     * @param wanted 1 day or more
     * @param clock to be that of the store, within minutes
     */
    public static LockLength lockLength(
            ObjectStore store, ObjectLockMode mode, Duration wanted, InstantSource clock) {
        Optional<CairnException> refusal = refusal(store, mode, wanted, clock);
        if (refusal.isEmpty()) {
            return new LockLength.Allowed();
        }
        long taken = 1;
        if (!isLimit(refusal.get())
                || refusal(store, mode, Duration.ofDays(taken), clock).isPresent()) {
            return new LockLength.Untold(refusal.get());
        }
        long refused = wanted.plus(Duration.ofDays(1)).minusNanos(1).toDays();
        while (refused - taken > 1) {
            long middle = (taken + refused) >>> 1;
            Optional<CairnException> middles = refusal(store, mode, Duration.ofDays(middle), clock);
            if (middles.isEmpty()) {
                taken = middle;
            } else if (isLimit(middles.get())) {
                refused = middle;
            } else {
                return new LockLength.Untold(middles.get());
            }
        }
        return new LockLength.AtMost(Duration.ofDays(taken), refusal.get());
    }

    private static boolean isLimit(CairnException refusal) {
        return refusal.code() == ErrorCode.STORE_ACCESS_DENIED
                || refusal.code() == ErrorCode.STORE_ERROR;
    }

    private static Optional<CairnException> refusal(
            ObjectStore store, ObjectLockMode mode, Duration length, InstantSource clock) {
        try {
            store.retain(NOWHERE, new Retention(mode, clock.instant().plus(length)));
            return Optional.empty();
        } catch (CairnException e) {
            return e.code() == ErrorCode.STORE_OBJECT_MISSING ? Optional.empty() : Optional.of(e);
        }
    }

    /** By the store's clock, which need not be this host's. */
    private Instant storeTime() {
        ObjectKey key = key("clock");
        store.putIfAbsent(key, body("clock")).orThrow();
        Instant now = store.head(key).map(ObjectInfo::lastModified).orElseGet(Instant::now);
        store.delete(key);
        return now;
    }

    private void deleteWhenUnlocked(ObjectKey key, Instant until) {
        for (int polls = 0; ; polls++) {
            pause.accept(LOCK_POLL);
            try {
                store.delete(key);
                return;
            } catch (CairnException e) {
                if (e.code() != ErrorCode.STORE_LOCKED || polls == LOCK_POLLS) {
                    throw new CairnException(
                            e.code(), key + " remains, locked until " + until, "delete it then", e);
                }
            }
        }
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
    }
}

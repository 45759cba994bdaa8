package io.cairn.storage;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.archival.ThawState;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A bucket in memory that passes {@link ObjectStoreContract}: versioned, enforces Object Lock by
 * its clock, archives and thaws by it ({@link StorageClass#thawTime}), keeps tags, verifies
 * digests, and refuses a key that has another as its parent, as stores do that keep objects as
 * files. Fails on demand. Thread-safe.
 */
public final class FakeObjectStore implements ObjectStore {

    private final StoreName name;
    private final InstantSource clock;
    private final boolean objectLock;
    private final NavigableMap<String, List<Version>> objects = new TreeMap<>();
    private final List<Call> calls = new ArrayList<>();
    private final Map<Integer, Fault> faultsAt = new LinkedHashMap<>();
    private final Map<Integer, Runnable> meanwhile = new LinkedHashMap<>();
    private Optional<ErrorCode> failAlways = Optional.empty();
    private Duration delay = Duration.ZERO;
    private int truncatedReads;
    private long truncateAfter;
    private int staleReads;
    private long versions;
    private boolean copiesByItself;
    private Optional<Duration> longestLock = Optional.empty();

    private FakeObjectStore(String name, InstantSource clock, boolean objectLock) {
        this.name = new StoreName(name);
        this.clock = clock;
        this.objectLock = objectLock;
    }

    /** Versioned and with Object Lock. */
    public static FakeObjectStore locking(String name, InstantSource clock) {
        return new FakeObjectStore(name, clock, true);
    }

    /** Neither versioned nor with Object Lock, as most S3 servers outside AWS. */
    public static FakeObjectStore plain(String name) {
        return new FakeObjectStore(name, InstantSource.system(), false);
    }

    /** From now on it refuses longer locks, as a bucket's policy does. */
    public synchronized FakeObjectStore lockingAtMost(Duration longest) {
        longestLock = Optional.of(longest);
        return this;
    }

    /** From now on it copies by itself, from every other fake. */
    public synchronized FakeObjectStore copyingByItself() {
        copiesByItself = true;
        return this;
    }

    private synchronized boolean copiesByItself() {
        return copiesByItself;
    }

    /** Which method was called with which key or prefix. */
    public record Call(String method, String key) {}

    /**
     * @param readableFrom of an archived version: when the thaw that was asked for ends
     * @param readableUntil and when its readable copy goes again
     */
    private record Version(
            ObjectInfo info,
            byte[] bytes,
            Map<String, String> tags,
            Optional<Instant> readableFrom,
            Optional<Instant> readableUntil) {

        Version(ObjectInfo info, byte[] bytes, Map<String, String> tags) {
            this(info, bytes, tags, Optional.empty(), Optional.empty());
        }

        Version with(Optional<Retention> retention, boolean legalHold) {
            return with(info(info.storageClass(), retention, legalHold));
        }

        Version in(StorageClass storageClass) {
            return new Version(
                    info(Optional.of(storageClass.name()), info.retention(), info.legalHold()),
                    bytes,
                    tags);
        }

        Version withTags(Map<String, String> wanted) {
            return new Version(info, bytes, Map.copyOf(wanted), readableFrom, readableUntil);
        }

        Version thawed(Instant from, Instant until) {
            return new Version(info, bytes, tags, Optional.of(from), Optional.of(until));
        }

        private Version with(ObjectInfo changed) {
            return new Version(changed, bytes, tags, readableFrom, readableUntil);
        }

        private ObjectInfo info(
                Optional<String> storageClass, Optional<Retention> retention, boolean legalHold) {
            return FakeObjectStore.info(
                    info,
                    info.length(),
                    storageClass,
                    retention,
                    legalHold,
                    ObjectInfo.untouched(storageClass));
        }

        /** As HEAD tells it. */
        ObjectInfo at(Instant now) {
            return FakeObjectStore.info(
                    info,
                    info.length(),
                    info.storageClass(),
                    info.retention(),
                    info.legalHold(),
                    thaw(now));
        }

        private ThawState thaw(Instant now) {
            if (!(info.thaw() instanceof ThawState.Archived(StorageClass in))
                    || readableUntil.isEmpty()
                    || !now.isBefore(readableUntil.get())) {
                return info.thaw();
            }
            return now.isBefore(readableFrom.orElseThrow())
                    ? new ThawState.Thawing(in)
                    : new ThawState.Thawed(in, readableUntil.get());
        }
    }

    private static ObjectInfo info(
            ObjectInfo info,
            long length,
            Optional<String> storageClass,
            Optional<Retention> retention,
            boolean legalHold,
            ThawState thaw) {
        return new ObjectInfo(
                info.key(),
                length,
                info.sha256(),
                info.lastModified(),
                info.versionId(),
                storageClass,
                retention,
                legalHold,
                info.metadata(),
                info.etag(),
                thaw);
    }

    private record Fault(ErrorCode code, boolean afterwards) {}

    // Faults
    // ---------------------------------------------------------------------------------------------------------

    /** The {@code number}-th call from now, counted from 1, does nothing and fails. */
    public synchronized void failAt(int number, ErrorCode code) {
        faultsAt.put(calls.size() + number, new Fault(code, false));
    }

    /** The {@code number}-th call from now, counted from 1, is done, but its answer is lost. */
    public synchronized void loseAnswerAt(int number) {
        faultsAt.put(calls.size() + number, new Fault(ErrorCode.STORE_UNREACHABLE, true));
    }

    /** Right before the {@code number}-th call from now is done, somebody else does something. */
    public synchronized void before(int number, Runnable somebodyElse) {
        meanwhile.put(calls.size() + number, somebodyElse);
    }

    /** Every call does nothing and fails, until {@link #heal()}. */
    public synchronized void failAlways(ErrorCode code) {
        failAlways = Optional.of(code);
    }

    /** Every call takes this much longer. */
    public synchronized void delay(Duration pause) {
        delay = pause;
    }

    /** The next {@code times} bodies that are read break off after so many bytes. */
    public synchronized void truncateReads(int times, long afterBytes) {
        truncatedReads = times;
        truncateAfter = afterBytes;
    }

    /** The next {@code times} calls of head and get find nothing. */
    public synchronized void staleReads(int times) {
        staleReads = times;
    }

    /** No more faults. */
    public synchronized void heal() {
        faultsAt.clear();
        failAlways = Optional.empty();
        delay = Duration.ZERO;
        truncatedReads = 0;
        staleReads = 0;
    }

    /**
     * Changes the stored bytes behind the store's back; what it tells of digest and user metadata
     * stays.
     */
    public synchronized void damage(ObjectKey key, UnaryOperator<byte[]> change) {
        List<Version> stored = objects.get(key.value());
        Version old = stored.removeLast();
        byte[] bytes = change.apply(old.bytes().clone());
        ObjectInfo info = old.info();
        stored.addLast(
                new Version(
                        info(
                                info,
                                bytes.length,
                                info.storageClass(),
                                info.retention(),
                                info.legalHold(),
                                info.thaw()),
                        bytes,
                        old.tags(),
                        old.readableFrom(),
                        old.readableUntil()));
    }

    /** What a lifecycle rule does: the newest version goes to another class, lock and tags stay. */
    public synchronized void transition(ObjectKey key, StorageClass storageClass) {
        change(key, version -> version.in(storageClass));
    }

    /**
     * Somebody else's PUT without a condition: a further version in a versioned store, else instead
     * of what was there.
     */
    public synchronized void overwrite(ObjectKey key, byte[] bytes) {
        List<Version> stored = objects.computeIfAbsent(key.value(), ignored -> new ArrayList<>());
        if (!objectLock) {
            stored.clear();
        }
        stored.add(version(key, Optional.empty(), bytes.clone(), PutOptions.NONE));
    }

    private Version version(
            ObjectKey key, Optional<Sha256> sha256, byte[] bytes, PutOptions options) {
        long number = ++versions;
        ObjectInfo info =
                new ObjectInfo(
                        key,
                        bytes.length,
                        sha256,
                        clock.instant().truncatedTo(ChronoUnit.SECONDS),
                        objectLock ? Optional.of("v" + number) : Optional.empty(),
                        options.storageClass(),
                        options.retention(),
                        options.legalHold(),
                        options.metadata(),
                        Optional.of("\"" + number + "\""),
                        ObjectInfo.untouched(options.storageClass()));
        return new Version(info, bytes, options.tags());
    }

    /** Removes an object behind the store's back, whatever locks it. */
    public synchronized void lose(ObjectKey key) {
        objects.remove(key.value());
    }

    // What tests look at
    // ---------------------------------------------------------------------------------------------

    /** Every call so far, in order, failed ones too. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /** The keys of all objects, sorted. */
    public synchronized List<ObjectKey> keys() {
        return objects.keySet().stream().map(ObjectKey::new).toList();
    }

    /** The stored bytes of all objects together. */
    public synchronized long bytesStored() {
        return objects.values().stream().mapToLong(all -> all.getLast().info().length()).sum();
    }

    // ObjectStore
    // ----------------------------------------------------------------------------------------------------

    @Override
    public StoreName name() {
        return name;
    }

    @Override
    public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
        return call(
                "putIfAbsent",
                key.value(),
                () -> {
                    byte[] bytes = bytes(key, body);
                    return create(key, body, bytes, options);
                });
    }

    private static byte[] bytes(ObjectKey key, ObjectBody body) {
        try (InputStream stream = body.open()) {
            byte[] bytes = stream.readAllBytes();
            if (bytes.length != body.length() || !Sha256.of(bytes).equals(body.sha256())) {
                throw error(
                        ErrorCode.STORE_OBJECT_DIFFERS,
                        key + ": other bytes came than were announced");
            }
            return bytes;
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.SOURCE_FAILED,
                    "cannot read what was to be stored",
                    "see the cause",
                    e);
        }
    }

    private synchronized PutOutcome create(
            ObjectKey key, ObjectBody body, byte[] bytes, PutOptions options) {
        List<Version> present = objects.get(key.value());
        if (present != null) {
            ObjectInfo info = present.getLast().info();
            return info.holds(body)
                    ? new PutOutcome.AlreadyPresent(info)
                    : new PutOutcome.Different(info);
        }
        requireNoParentOrChild(key);
        requireLock(options);
        Version created = version(key, Optional.of(body.sha256()), bytes, options);
        objects.put(key.value(), new ArrayList<>(List.of(created)));
        return new PutOutcome.Created(created.info());
    }

    @Override
    public Optional<PutOutcome> copyIfAbsent(
            ObjectStore source, StoredObject object, PutOptions options) {
        if (!copiesByItself() || !(source instanceof FakeObjectStore other)) {
            return Optional.empty();
        }
        return call(
                "copyIfAbsent",
                object.key().value(),
                () -> {
                    Version version = other.readable(object.key());
                    Map<String, String> metadata = version.info().metadata();
                    return Optional.of(createCopy(object, version, options.withMetadata(metadata)));
                });
    }

    private synchronized PutOutcome createCopy(
            StoredObject object, Version source, PutOptions options) {
        List<Version> present = objects.get(object.key().value());
        if (present != null) {
            ObjectInfo info = present.getLast().info();
            return info.length() == object.length()
                            && info.sha256().equals(Optional.of(object.sha256()))
                    ? new PutOutcome.AlreadyPresent(info)
                    : new PutOutcome.Different(info);
        }
        requireNoParentOrChild(object.key());
        requireLock(options);
        Version copy = version(object.key(), source.info().sha256(), source.bytes(), options);
        objects.put(object.key().value(), new ArrayList<>(List.of(copy)));
        if (!Sha256.of(source.bytes()).equals(object.sha256())) {
            throw error(ErrorCode.STORE_OBJECT_DIFFERS, object.key() + " has other bytes");
        }
        return new PutOutcome.Created(copy.info());
    }

    @Override
    public PutOutcome replace(ObjectInfo present, ObjectBody body, PutOptions options) {
        ObjectKey key = present.key();
        return call("replace", key.value(), () -> over(present, body, bytes(key, body), options));
    }

    private synchronized PutOutcome over(
            ObjectInfo present, ObjectBody body, byte[] bytes, PutOptions options) {
        ObjectKey key = present.key();
        List<Version> stored = objects.get(key.value());
        if (stored == null) {
            throw error(ErrorCode.STORE_OBJECT_MISSING, "there is no " + key);
        }
        ObjectInfo info = stored.getLast().info();
        if (!info.etag().equals(present.etag())) {
            return info.holds(body)
                    ? new PutOutcome.AlreadyPresent(info)
                    : new PutOutcome.Different(info);
        }
        requireLock(options);
        if (!objectLock) {
            stored.clear();
        }
        Version version = version(key, Optional.of(body.sha256()), bytes, options);
        stored.add(version);
        return new PutOutcome.Created(version.info());
    }

    private void requireNoParentOrChild(ObjectKey key) {
        String child = objects.ceilingKey(key + "/");
        boolean hasChild = child != null && child.startsWith(key + "/");
        boolean hasParent = false;
        for (int slash = key.value().indexOf('/');
                slash > 0;
                slash = key.value().indexOf('/', slash + 1)) {
            hasParent |= objects.containsKey(key.value().substring(0, slash));
        }
        if (hasChild || hasParent) {
            throw error(ErrorCode.STORE_ERROR, key + " lies below another object, or above one");
        }
    }

    private void requireLock(PutOptions options) {
        if (options.locks()) {
            requireObjectLock();
        }
        options.retention().ifPresent(this::requireLock);
    }

    private void requireObjectLock() {
        if (!objectLock) {
            throw error(ErrorCode.STORE_NO_OBJECT_LOCK, "the bucket has no Object Lock");
        }
    }

    private synchronized void requireLock(Retention retention) {
        requireObjectLock();
        if (!retention.until().isAfter(clock.instant())) {
            throw error(ErrorCode.STORE_ERROR, "a retention must end in the future");
        }
        if (longestLock.isPresent()
                && retention.until().isAfter(clock.instant().plus(longestLock.get()))) {
            throw error(ErrorCode.STORE_ACCESS_DENIED, "a policy of the bucket forbids it");
        }
    }

    @Override
    public Optional<ObjectInfo> head(ObjectKey key) {
        return call(
                "head", key.value(), () -> newest(key).map(version -> version.at(clock.instant())));
    }

    private synchronized Optional<Version> newest(ObjectKey key) {
        if (staleReads > 0) {
            staleReads--;
            return Optional.empty();
        }
        return Optional.ofNullable(objects.get(key.value())).map(List::getLast);
    }

    @Override
    public ObjectContent get(ObjectKey key) {
        return call(
                "get",
                key.value(),
                () -> {
                    Version version = readable(key);
                    return content(version, 0, version.bytes().length);
                });
    }

    @Override
    public ObjectContent get(ObjectKey key, long offset, long length) {
        return call(
                "get",
                key.value(),
                () -> {
                    Version version = readable(key);
                    if (offset >= version.bytes().length) {
                        throw error(ErrorCode.STORE_ERROR, key + " ends before byte " + offset);
                    }
                    return content(
                            version,
                            (int) offset,
                            (int) Math.min(length, version.bytes().length - offset));
                });
    }

    private Version require(ObjectKey key) {
        return newest(key)
                .orElseThrow(() -> error(ErrorCode.STORE_OBJECT_MISSING, "there is no " + key));
    }

    private Version readable(ObjectKey key) {
        Version version = require(key);
        if (!version.at(clock.instant()).thaw().readable()) {
            throw error(ErrorCode.STORE_OBJECT_ARCHIVED, key + " is archived");
        }
        return version;
    }

    private synchronized ObjectContent content(Version version, int offset, int length) {
        int available = length;
        if (truncatedReads > 0) {
            truncatedReads--;
            available = (int) Math.min(length, truncateAfter);
        }
        byte[] bytes = Arrays.copyOfRange(version.bytes(), offset, offset + available);
        return ObjectContent.of(
                version.at(clock.instant()), length, new ByteArrayInputStream(bytes));
    }

    @Override
    public ObjectPage list(String prefix, Optional<ObjectKey> after, int limit) {
        if (limit < 1 || limit > ObjectPage.LIMIT) {
            throw new IllegalArgumentException("limit " + limit);
        }
        return call("list", prefix, () -> page(prefix, after, limit));
    }

    private synchronized ObjectPage page(String prefix, Optional<ObjectKey> after, int limit) {
        String position = after.map(ObjectKey::value).orElse("");
        List<ObjectInfo> found =
                objects.tailMap(prefix, true).entrySet().stream()
                        .takeWhile(entry -> entry.getKey().startsWith(prefix))
                        .filter(entry -> entry.getKey().compareTo(position) > 0)
                        .limit(limit + 1L)
                        .map(entry -> listed(entry.getValue().getLast().info()))
                        .toList();
        if (found.size() <= limit) {
            return new ObjectPage(found, Optional.empty());
        }
        List<ObjectInfo> page = found.subList(0, limit);
        return new ObjectPage(page, Optional.of(page.getLast().key()));
    }

    private static ObjectInfo listed(ObjectInfo info) {
        return new ObjectInfo(
                info.key(),
                info.length(),
                Optional.empty(),
                info.lastModified(),
                Optional.empty(),
                info.storageClass(),
                Optional.empty(),
                false,
                Map.of(),
                info.etag(),
                info.thaw());
    }

    @Override
    public void delete(ObjectKey key) {
        call(
                "delete",
                key.value(),
                () -> {
                    remove(key);
                    return true;
                });
    }

    private synchronized void remove(ObjectKey key) {
        List<Version> stored = objects.getOrDefault(key.value(), List.of());
        if (stored.stream().map(Version::info).anyMatch(this::isLocked)) {
            throw error(ErrorCode.STORE_LOCKED, key + " is locked");
        }
        objects.remove(key.value());
    }

    private boolean isLocked(ObjectInfo info) {
        return info.legalHold() || info.retention().filter(this::inForce).isPresent();
    }

    private boolean inForce(Retention retention) {
        return retention.until().isAfter(clock.instant());
    }

    @Override
    public void retain(ObjectKey key, Retention retention) {
        call(
                "retain",
                key.value(),
                () -> {
                    // Rights and dates come first, as in S3.
                    requireLock(retention);
                    change(key, version -> retained(version, retention));
                    return true;
                });
    }

    private Version retained(Version version, Retention wanted) {
        Optional<Retention> set = version.info().retention().filter(this::inForce);
        if (set.isPresent() && weakens(set.get(), wanted)) {
            throw error(
                    ErrorCode.STORE_LOCKED,
                    version.info().key() + " is retained until " + set.get().until());
        }
        return version.with(Optional.of(wanted), version.info().legalHold());
    }

    private static boolean weakens(Retention set, Retention wanted) {
        return wanted.until().isBefore(set.until())
                || (set.mode() == ObjectLockMode.COMPLIANCE
                        && wanted.mode() == ObjectLockMode.GOVERNANCE);
    }

    @Override
    public void hold(ObjectKey key, boolean placed) {
        call(
                "hold",
                key.value(),
                () -> {
                    requireObjectLock();
                    change(key, version -> version.with(version.info().retention(), placed));
                    return true;
                });
    }

    @Override
    public void tag(ObjectKey key, Map<String, String> tags) {
        call(
                "tag",
                key.value(),
                () -> {
                    change(key, version -> version.withTags(tags));
                    return true;
                });
    }

    @Override
    public Map<String, String> tags(ObjectKey key) {
        return call("tags", key.value(), () -> require(key).tags());
    }

    @Override
    public void thaw(ObjectKey key, RetrievalTier tier, int days) {
        call(
                "thaw",
                key.value(),
                () -> {
                    change(key, version -> thawing(version, tier, days));
                    return true;
                });
    }

    private Version thawing(Version version, RetrievalTier tier, int days) {
        Instant now = clock.instant();
        return switch (version.at(now).thaw()) {
            case ThawState.NotArchived _, ThawState.Thawing _ -> version;
            case ThawState.Thawed _ ->
                    version.thawed(
                            version.readableFrom().orElseThrow(), now.plus(Duration.ofDays(days)));
            case ThawState.Archived(StorageClass in) -> {
                Duration takes =
                        in.thawTime(tier)
                                .orElseThrow(() ->
                                        error(
                                                ErrorCode.STORE_ERROR,
                                                in + " knows no " + tier + " retrieval"));
                Instant from = now.plus(takes);
                yield version.thawed(from, from.plus(Duration.ofDays(days)));
            }
        };
    }

    private synchronized void change(ObjectKey key, UnaryOperator<Version> change) {
        List<Version> stored = objects.get(key.value());
        if (stored == null) {
            throw error(ErrorCode.STORE_OBJECT_MISSING, "there is no " + key);
        }
        stored.set(stored.size() - 1, change.apply(stored.getLast()));
    }

    @Override
    public void close() {}

    private <T> T call(String method, String key, Supplier<T> work) {
        Optional<Fault> fault = enter(method, key);
        if (fault.isPresent() && !fault.get().afterwards()) {
            throw injected(fault.get());
        }
        T result = work.get();
        if (fault.isPresent()) {
            throw injected(fault.get());
        }
        return result;
    }

    private Optional<Fault> enter(String method, String key) {
        Duration pause;
        Optional<Fault> fault;
        Optional<Runnable> others;
        synchronized (this) {
            calls.add(new Call(method, key));
            others = Optional.ofNullable(meanwhile.remove(calls.size()));
            pause = delay;
            fault =
                    failAlways
                            .map(code -> new Fault(code, false))
                            .or(() -> Optional.ofNullable(faultsAt.remove(calls.size())));
        }
        others.ifPresent(Runnable::run);
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(
                    ErrorCode.STORE_UNREACHABLE, "interrupted", "this process was told to stop", e);
        }
        return fault;
    }

    private CairnException injected(Fault fault) {
        return error(fault.code(), "store '" + name + "' fails on demand");
    }

    private static CairnException error(ErrorCode code, String message) {
        return new CairnException(code, message, "this store is a fake");
    }
}

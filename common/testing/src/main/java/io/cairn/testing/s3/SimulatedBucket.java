package io.cairn.testing.s3;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a bucket holds and which rules it enforces, by the clock it was given. Keys sort by their
 * UTF-8 bytes, as in S3. Thread-safe.
 */
public final class SimulatedBucket {

    private static final Comparator<String> BY_BYTES =
            (one, other) ->
                    Arrays.compareUnsigned(
                            one.getBytes(StandardCharsets.UTF_8),
                            other.getBytes(StandardCharsets.UTF_8));

    private final InstantSource clock;
    private final boolean objectLock;

    /** Oldest version first. */
    private final TreeMap<String, List<StoredVersion>> objects = new TreeMap<>(BY_BYTES);

    private @Nullable String lifecycle;
    private Optional<Duration> longestLock = Optional.empty();
    private long ids;
    private long changes;

    SimulatedBucket(InstantSource clock, boolean objectLock) {
        this.clock = clock;
        this.objectLock = objectLock;
    }

    // For tests
    // ----------------------------------------------------------------------------------------------

    /** Keys of the objects that a listing shows, sorted. */
    public synchronized List<String> keys() {
        return current("").map(Listed::key).toList();
    }

    /** Until when nobody can delete the newest version; empty if it can be deleted, or is gone. */
    public synchronized Optional<Instant> lockedUntil(String key) {
        return newest(key)
                .flatMap(StoredVersion::lock)
                .map(StoredVersion.Lock::until)
                .filter(until -> until.isAfter(clock.instant()));
    }

    /** Grows with every change, also those behind the server's back. */
    public synchronized long changes() {
        return changes;
    }

    /** The newest version's bytes; empty if a listing shows none. */
    public synchronized Optional<byte[]> bytes(String key) {
        return newest(key).map(version -> version.bytes().clone());
    }

    /**
     * Differs when the newest version is another, or was damaged; empty if a listing shows none.
     */
    public synchronized Optional<String> state(String key) {
        return newest(key)
                .map(version -> version.id() + version.etag() + Arrays.hashCode(version.bytes()));
    }

    /** Changes the newest version's bytes behind the server's back; what it tells of them stays. */
    public synchronized void damage(String key, UnaryOperator<byte[]> change) {
        change(key, null, version -> version.withBytes(change.apply(version.bytes().clone())));
    }

    /** Removes an object with all versions behind the server's back, whatever protects it. */
    public synchronized void lose(String key) {
        objects.remove(key);
        changes++;
    }

    /** What a lifecycle rule does in time: the newest version goes to another storage class. */
    public synchronized void transition(String key, String storageClass) {
        change(key, null, version -> version.withStorageClass(storageClass));
    }

    /**
     * From now on longer locks are refused, as by a bucket policy with the condition key {@code
     * s3:object-lock-remaining-retention-days}: without telling why.
     *
     * @param longest empty for any length
     */
    public synchronized void limitLocks(Optional<Duration> longest) {
        longestLock = longest;
    }

    /** The lifecycle configuration as it was put. */
    public synchronized Optional<String> lifecycle() {
        return Optional.ofNullable(lifecycle);
    }

    // What the protocol asks for
    // ------------------------------------------------------------------------------------------

    /** An object in a listing. */
    record Listed(String key, StoredVersion version, boolean latest) {}

    boolean hasObjectLock() {
        return objectLock;
    }

    Instant now() {
        return clock.instant();
    }

    synchronized void lifecycle(@Nullable String document) {
        lifecycle = document;
        changes++;
    }

    /**
     * @param ifNoneMatch whether there must be none
     * @param ifMatch the ETag that the newest version must have
     */
    synchronized StoredVersion put(
            String key,
            byte[] bytes,
            boolean ifNoneMatch,
            Optional<String> ifMatch,
            UnaryOperator<StoredVersion> options,
            Map<String, String> headers) {
        Optional<StoredVersion> present = newest(key);
        if (ifNoneMatch && present.isPresent()) {
            throw S3Failure.preconditionFailed(key);
        }
        if (ifMatch.isPresent()) {
            StoredVersion old = present.orElseThrow(() -> S3Failure.noSuchKey(key));
            if (!old.etag().equals(ifMatch.get())) {
                throw S3Failure.preconditionFailed(key);
            }
        }
        StoredVersion version =
                options.apply(
                        StoredVersion.of(
                                nextId(),
                                bytes,
                                etag(bytes),
                                clock.instant().truncatedTo(ChronoUnit.SECONDS),
                                "STANDARD",
                                headers));
        version.lock().ifPresent(this::requireLock);
        if (version.legalHold()) {
            requireObjectLock();
        }
        List<StoredVersion> versions = objects.computeIfAbsent(key, _ -> new ArrayList<>());
        if (!objectLock) {
            versions.clear();
        }
        versions.add(version);
        changes++;
        return version;
    }

    private String nextId() {
        return objectLock ? "v%08d".formatted(++ids) : "null";
    }

    private static String etag(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("MD5").digest(bytes);
            return "\"" + HexFormat.of().formatHex(digest) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    /** The newest version, or the one that is named. */
    synchronized StoredVersion get(String key, @Nullable String versionId) {
        return find(key, versionId).orElseThrow(() -> S3Failure.noSuchKey(key));
    }

    private Optional<StoredVersion> find(String key, @Nullable String versionId) {
        if (versionId == null) {
            return newest(key);
        }
        return versions(key).stream()
                .filter(version -> version.id().equals(versionId) && !version.marker())
                .findFirst();
    }

    private List<StoredVersion> versions(String key) {
        return objects.getOrDefault(key, List.of());
    }

    private Optional<StoredVersion> newest(String key) {
        List<StoredVersion> versions = versions(key);
        return versions.isEmpty() || versions.getLast().marker()
                ? Optional.empty()
                : Optional.of(versions.getLast());
    }

    /** One version for good; without an id, a delete marker where there are versions. */
    synchronized void delete(String key, @Nullable String versionId) {
        List<StoredVersion> versions = versions(key);
        if (versionId == null && objectLock) {
            if (!versions.isEmpty()) {
                versions.add(StoredVersion.marker(nextId(), clock.instant()));
                changes++;
            }
            return;
        }
        for (StoredVersion version : List.copyOf(versions)) {
            if (versionId == null || version.id().equals(versionId)) {
                if (version.isProtected(clock.instant())) {
                    throw S3Failure.locked(key);
                }
                versions.remove(version);
                changes++;
            }
        }
        if (versions.isEmpty()) {
            objects.remove(key);
        }
    }

    synchronized void retain(String key, @Nullable String versionId, StoredVersion.Lock wanted) {
        requireLock(wanted);
        change(
                key,
                versionId,
                version -> {
                    version.lock()
                            .filter(set -> set.until().isAfter(clock.instant()))
                            .filter(set -> weakens(set, wanted))
                            .ifPresent(_ -> {
                                throw S3Failure.locked(key);
                            });
                    return version.withLock(wanted);
                });
    }

    private static boolean weakens(StoredVersion.Lock set, StoredVersion.Lock wanted) {
        return wanted.until().isBefore(set.until())
                || (set.mode().equals("COMPLIANCE") && wanted.mode().equals("GOVERNANCE"));
    }

    synchronized void hold(String key, @Nullable String versionId, boolean placed) {
        requireObjectLock();
        change(key, versionId, version -> version.withLegalHold(placed));
    }

    synchronized void tag(String key, @Nullable String versionId, Map<String, String> tags) {
        change(key, versionId, version -> version.withTags(tags));
    }

    /** Whether a new retrieval was begun; else an earlier one is prolonged. */
    synchronized boolean thaw(String key, @Nullable String versionId, int days, String tier) {
        StoredVersion version = get(key, versionId);
        Instant now = clock.instant();
        if (!version.isArchived()) {
            throw new S3Failure(403, "InvalidObjectState", key + " is not archived");
        }
        Optional<StoredVersion.Thaw> thaw =
                version.thaw().filter(copy -> copy.until().isAfter(now));
        if (thaw.filter(copy -> copy.readable().isAfter(now)).isPresent()) {
            throw new S3Failure(
                    409, "RestoreAlreadyInProgress", key + " is being retrieved already");
        }
        Instant readable =
                thaw.map(StoredVersion.Thaw::readable)
                        .orElseGet(() -> now.plus(version.retrieval(tier)));
        Instant from = thaw.isPresent() ? now : readable;
        change(
                key,
                versionId,
                old ->
                        old.withThaw(
                                new StoredVersion.Thaw(
                                        readable, from.plus(Duration.ofDays(days)))));
        return thaw.isEmpty();
    }

    private void change(
            String key, @Nullable String versionId, UnaryOperator<StoredVersion> change) {
        StoredVersion old = get(key, versionId);
        List<StoredVersion> versions = versions(key);
        versions.set(versions.indexOf(old), change.apply(old));
        changes++;
    }

    private void requireLock(StoredVersion.Lock lock) {
        requireObjectLock();
        if (!lock.until().isAfter(clock.instant())) {
            throw new S3Failure(
                    400, "InvalidArgument", "the retain until date must be in the future");
        }
        if (longestLock
                .filter(longest -> lock.until().isAfter(clock.instant().plus(longest)))
                .isPresent()) {
            throw new S3Failure(
                    403,
                    "AccessDenied",
                    "not authorized to perform s3:PutObjectRetention, with an explicit deny in a"
                            + " resource-based policy");
        }
    }

    private void requireObjectLock() {
        if (!objectLock) {
            throw S3Failure.invalid("Bucket is missing Object Lock Configuration");
        }
    }

    /** Newest versions that are no markers, sorted by key. */
    synchronized List<Listed> list(String prefix, String after, int limit) {
        return current(prefix)
                .filter(listed -> BY_BYTES.compare(listed.key(), after) > 0)
                .limit(limit)
                .toList();
    }

    private Stream<Listed> current(String prefix) {
        return below(prefix)
                .flatMap(
                        key -> newest(key).map(version -> new Listed(key, version, true)).stream());
    }

    private Stream<String> below(String prefix) {
        return objects.tailMap(prefix, true).keySet().stream()
                .takeWhile(key -> key.startsWith(prefix));
    }

    /** All versions and markers, by key and newest first. */
    synchronized List<Listed> listVersions(String prefix) {
        return below(prefix)
                .flatMap(key -> {
                    List<StoredVersion> versions = versions(key);
                    return versions.reversed().stream()
                            .map(version ->
                                    new Listed(key, version, version == versions.getLast()));
                })
                .toList();
    }
}

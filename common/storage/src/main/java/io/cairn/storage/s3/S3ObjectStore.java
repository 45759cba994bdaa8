package io.cairn.storage.s3;

import io.cairn.config.StoreConfig;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.archival.ThawState;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectPage;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import io.cairn.storage.Retention;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.GlacierJobParameters;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectLockRetention;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.RestoreRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Tagging;
import software.amazon.awssdk.services.s3.model.TaggingDirective;
import software.amazon.awssdk.services.s3.model.Tier;

/**
 * A bucket behind the S3 protocol: AWS, or any server that speaks it and knows conditional PUT
 * ({@code If-None-Match: *}, Amazon S3 API reference, PutObject).
 *
 * <p>One object is one PUT of known length, never multipart and never in signed chunks. Its SHA-256
 * travels twice: as {@code x-amz-checksum-sha256}, which a store that verifies checksums compares
 * with what it received, and as user metadata, which every store keeps.
 */
public final class S3ObjectStore implements ObjectStore {

    /**
     * How often a PUT is repeated that met another writer of its key, or an object that was gone
     * when looked at.
     */
    private static final int CONFLICTS = 5;

    private static final Duration CONFLICT_PAUSE = Duration.ofMillis(200);

    private static final Pattern EXPIRY = Pattern.compile("expiry-date=\"([^\"]+)\"");

    private static final int PRECONDITION_FAILED = 412;
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int NOT_IMPLEMENTED = 501;

    private final StoreConfig config;
    private final S3Settings settings;
    private final S3Client client;
    private final S3Errors errors;

    /** A HEAD's 404 does not tell a missing object from a missing bucket; asked once. */
    private volatile boolean bucketSeen;

    /** It refused an object with tags and took it without. */
    private volatile boolean refusesTags;

    private volatile boolean askedForTags;

    /** What is known of copying from other buckets. */
    private final ConcurrentMap<StoreName, ServerSideCopy> copies = new ConcurrentHashMap<>();

    private S3ObjectStore(StoreConfig config, S3Settings settings, S3Client client) {
        this.config = config;
        this.settings = settings;
        this.client = client;
        this.errors = new S3Errors(config);
    }

    /**
     * Opens no connection yet.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}, {@link
     *     ErrorCode#SECRET_UNAVAILABLE}, {@link ErrorCode#CERTIFICATE_INVALID}
     */
    public static S3ObjectStore open(StoreConfig config) {
        return open(config, S3Settings.DEFAULT);
    }

    /** As {@link #open(StoreConfig)}, with other limits. */
    public static S3ObjectStore open(StoreConfig config, S3Settings settings) {
        return new S3ObjectStore(config, settings, S3Clients.create(config, settings));
    }

    @Override
    public StoreName name() {
        return config.name();
    }

    @Override
    public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
        return put(key, body, options, request -> request.ifNoneMatch("*"));
    }

    @Override
    public PutOutcome replace(ObjectInfo present, ObjectBody body, PutOptions options) {
        String etag =
                present.etag()
                        .orElseThrow(() -> CairnException.bug(present.key() + " has no ETag"));
        return put(present.key(), body, options, request -> request.ifMatch(etag));
    }

    private PutOutcome put(
            ObjectKey key, ObjectBody body, PutOptions options, Condition condition) {
        String what = "storing " + key;
        for (int attempt = 1; ; attempt++) {
            try {
                return new PutOutcome.Created(putTagged(key, body, options, condition));
            } catch (S3Exception e) {
                Optional<PutOutcome> found =
                        e.statusCode() == PRECONDITION_FAILED ? found(key, body) : Optional.empty();
                if (found.isPresent()) {
                    return found.get();
                }
                if (!isRace(e) || attempt == CONFLICTS) {
                    throw refusal(e, what, options);
                }
                pause(what);
            } catch (SdkException e) {
                throw refusal(e, what, options);
            }
        }
    }

    private CairnException refusal(SdkException e, String what, PutOptions options) {
        return options.locks()
                ? errors.translateLock(e, what, options.retention())
                : errors.translate(e, what);
    }

    /** What must be so for a PUT to be done. */
    private interface Condition {
        void addTo(PutObjectRequest.Builder request);
    }

    /** Another writer is at the same key, or was and has gone again. */
    private static boolean isRace(S3Exception e) {
        return e.statusCode() == PRECONDITION_FAILED
                || (e.statusCode() == CONFLICT && !S3Errors.code(e).equals("InvalidBucketState"));
    }

    private Optional<PutOutcome> found(ObjectKey key, ObjectBody body) {
        return head(key)
                .map(info ->
                        info.holds(body)
                                ? new PutOutcome.AlreadyPresent(info)
                                : new PutOutcome.Different(info));
    }

    private static void pause(String what) {
        try {
            Thread.sleep(CONFLICT_PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CairnException(
                    ErrorCode.STORE_UNREACHABLE,
                    what + " was interrupted",
                    "this process was told to stop",
                    e);
        }
    }

    /**
     * Without the tags where the store does not take them, or not from this credential: what a
     * refusal is about cannot be seen from it, so the same is tried without.
     */
    private ObjectInfo putTagged(
            ObjectKey key, ObjectBody body, PutOptions options, Condition condition) {
        PutOptions untagged = options.withTags(Map.of());
        if (options.tags().isEmpty() || !mayTakeTags(key)) {
            return put(key, body, condition, untagged);
        }
        try {
            return put(key, body, condition, options);
        } catch (S3Exception e) {
            if (e.statusCode() != NOT_IMPLEMENTED && e.statusCode() != FORBIDDEN) {
                throw e;
            }
            ObjectInfo stored = put(key, body, condition, untagged);
            refusesTags = true;
            return stored;
        }
    }

    /**
     * Asks a store once whether it knows of tags at all, and lets this credential see any, without
     * a body: one that does not may refuse a large PUT by closing the connection, which looks like
     * a store that is away.
     */
    private boolean mayTakeTags(ObjectKey key) {
        if (!askedForTags) {
            try {
                client.getObjectTagging(
                        request -> request.bucket(config.bucket()).key(key.value()));
            } catch (S3Exception e) {
                refusesTags |= e.statusCode() == NOT_IMPLEMENTED || e.statusCode() == FORBIDDEN;
            }
            askedForTags = true;
        }
        return !refusesTags;
    }

    private ObjectInfo put(
            ObjectKey key, ObjectBody body, Condition condition, PutOptions options) {
        try (PutBody replayed = new PutBody(body)) {
            RequestBody request =
                    RequestBody.fromContentProvider(
                            replayed, body.length(), "application/octet-stream");
            PutObjectResponse response =
                    client.putObject(request(key, body, condition, options), request);
            bucketSeen = true;
            return new ObjectInfo(
                    key,
                    body.length(),
                    Optional.of(body.sha256()),
                    time(response),
                    Optional.ofNullable(response.versionId()),
                    options.storageClass(),
                    options.retention(),
                    options.legalHold(),
                    options.metadata(),
                    Optional.ofNullable(response.eTag()),
                    ObjectInfo.untouched(options.storageClass()));
        }
    }

    /** The store's clock; this host's where the store does not tell its own. */
    private static Instant time(PutObjectResponse response) {
        return response.sdkHttpResponse()
                .firstMatchingHeader("Date")
                .map(date -> DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from))
                .orElseGet(() -> Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }

    private PutObjectRequest request(
            ObjectKey key, ObjectBody body, Condition condition, PutOptions options) {
        Map<String, String> metadata = new HashMap<>(options.metadata());
        metadata.put(ObjectInfo.SHA256, body.sha256().hex());
        PutObjectRequest.Builder request =
                PutObjectRequest.builder()
                        .bucket(config.bucket())
                        .key(key.value())
                        .contentLength(body.length())
                        .checksumSHA256(
                                Base64.getEncoder()
                                        .encodeToString(
                                                HexFormat.of().parseHex(body.sha256().hex())))
                        .metadata(metadata)
                        .overrideConfiguration(limits ->
                                limits.apiCallAttemptTimeout(attemptTimeout(body.length()))
                                        .apiCallTimeout(totalTimeout(body.length())));
        condition.addTo(request);
        options.storageClass().ifPresent(request::storageClass);
        options.retention()
                .ifPresent(retention ->
                        request.objectLockMode(ObjectLockMode.fromValue(retention.mode().name()))
                                .objectLockRetainUntilDate(retention.until()));
        if (options.legalHold()) {
            request.objectLockLegalHoldStatus(ObjectLockLegalHoldStatus.ON);
        }
        if (!options.tags().isEmpty()) {
            request.tagging(tagging(options.tags()));
        }
        return request.build();
    }

    private Duration attemptTimeout(long bytes) {
        return settings.attemptTimeout().plus(settings.transfer(bytes));
    }

    private Duration totalTimeout(long bytes) {
        return settings.totalTimeout()
                .plus(settings.transfer(bytes).multipliedBy(settings.attempts()));
    }

    private static Tagging tagging(Map<String, String> tags) {
        List<Tag> set =
                tags.entrySet().stream()
                        .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                        .toList();
        return Tagging.builder().tagSet(set).build();
    }

    /**
     * {@inheritDoc}
     *
     * <p>CopyObject with {@code If-None-Match: *}, which servers may pass over in silence, and
     * overwrite. So the first object from each bucket is left to the caller; the second time it is
     * copied again, and only if that is refused the store is believed.
     */
    @Override
    public Optional<PutOutcome> copyIfAbsent(
            ObjectStore source, StoredObject object, PutOptions options) {
        if (!(source instanceof S3ObjectStore other) || !isWithinReach(other.config)) {
            return Optional.empty();
        }
        ServerSideCopy copy =
                copies.computeIfAbsent(source.name(), _ -> new ServerSideCopy(this, other));
        return copy.copyIfAbsent(object, options);
    }

    /** One credential at one endpoint. */
    private boolean isWithinReach(StoreConfig other) {
        return other.endpoint().equals(config.endpoint())
                && other.accessKeyId().equals(config.accessKeyId())
                && other.secretAccessKey().equals(config.secretAccessKey());
    }

    /**
     * Unlike everything else here it throws what the SDK throws.
     *
     * @return the copy's SHA-256, where the store tells it
     */
    Optional<Sha256> copyObject(S3ObjectStore source, StoredObject object, PutOptions options) {
        CopyObjectRequest.Builder request =
                CopyObjectRequest.builder()
                        .sourceBucket(source.config.bucket())
                        .sourceKey(object.key().value())
                        .destinationBucket(config.bucket())
                        .destinationKey(object.key().value())
                        .ifNoneMatch("*")
                        .checksumAlgorithm(ChecksumAlgorithm.SHA256)
                        .overrideConfiguration(limits ->
                                limits.apiCallAttemptTimeout(attemptTimeout(object.length()))
                                        .apiCallTimeout(totalTimeout(object.length())));
        options.storageClass().ifPresent(request::storageClass);
        options.retention()
                .ifPresent(retention ->
                        request.objectLockMode(ObjectLockMode.fromValue(retention.mode().name()))
                                .objectLockRetainUntilDate(retention.until()));
        if (options.legalHold()) {
            request.objectLockLegalHoldStatus(ObjectLockLegalHoldStatus.ON);
        }
        if (!options.tags().isEmpty()) {
            request.taggingDirective(TaggingDirective.REPLACE).tagging(tagging(options.tags()));
        }
        CopyObjectResponse response = client.copyObject(request.build());
        return Optional.ofNullable(response.copyObjectResult())
                .map(result -> result.checksumSHA256())
                .map(base64 -> HexFormat.of().formatHex(Base64.getDecoder().decode(base64)))
                .map(Sha256::new);
    }

    CairnException translate(SdkException e, String what) {
        return errors.translate(e, what);
    }

    @Override
    public Optional<ObjectInfo> head(ObjectKey key) {
        try {
            HeadObjectResponse response =
                    client.headObject(request -> request.bucket(config.bucket()).key(key.value()));
            bucketSeen = true;
            return Optional.of(info(key, response));
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND) {
                requireBucket(key);
                return Optional.empty();
            }
            throw errors.translate(e, "looking at " + key);
        } catch (SdkException e) {
            throw errors.translate(e, "looking at " + key);
        }
    }

    private void requireBucket(ObjectKey key) {
        if (!bucketSeen) {
            list(key.value(), Optional.empty(), 1);
        }
    }

    @Override
    public ObjectContent get(ObjectKey key) {
        return get(key, (String) null);
    }

    @Override
    public ObjectContent get(ObjectKey key, long offset, long length) {
        if (offset < 0 || length < 1) {
            throw new IllegalArgumentException("not a range: " + offset + "+" + length);
        }
        return get(key, "bytes=" + offset + "-" + Math.addExact(offset, length - 1));
    }

    private ObjectContent get(ObjectKey key, @Nullable String range) {
        ResponseInputStream<GetObjectResponse> stream =
                call(
                        "reading " + key,
                        () ->
                                client.getObject(
                                        GetObjectRequest.builder()
                                                .bucket(config.bucket())
                                                .key(key.value())
                                                .range(range)
                                                .build()));
        GetObjectResponse response = stream.response();
        return ObjectContent.of(
                info(key, response),
                response.contentLength(),
                new GetStream(stream, response.contentLength()));
    }

    @Override
    public ObjectPage list(String prefix, Optional<ObjectKey> after, int limit) {
        if (limit < 1 || limit > ObjectPage.LIMIT) {
            throw new IllegalArgumentException(
                    "a page has 1 to " + ObjectPage.LIMIT + " objects, not " + limit);
        }
        String position = after.map(ObjectKey::value).orElse(null);
        while (true) {
            ListObjectsV2Response response = listPage(prefix, position, limit);
            List<ObjectInfo> objects = new ArrayList<>();
            response.contents().forEach(object -> info(object).ifPresent(objects::add));
            boolean more =
                    Boolean.TRUE.equals(response.isTruncated()) && !response.contents().isEmpty();
            if (!more) {
                return new ObjectPage(objects, Optional.empty());
            }
            if (!objects.isEmpty()) {
                return new ObjectPage(objects, Optional.of(objects.getLast().key()));
            }
            // A page of nothing but foreign objects.
            position = response.contents().getLast().key();
        }
    }

    private ListObjectsV2Response listPage(String prefix, @Nullable String after, int limit) {
        ListObjectsV2Response response =
                call(
                        "listing " + (prefix.isEmpty() ? "everything" : prefix),
                        () ->
                                client.listObjectsV2(request ->
                                        request.bucket(config.bucket())
                                                .prefix(prefix)
                                                .startAfter(after)
                                                .maxKeys(limit)));
        bucketSeen = true;
        return response;
    }

    /**
     * Empty for what has a name that Cairn never gives: somebody else's, which does not stop a
     * listing of ours.
     */
    private static Optional<ObjectInfo> info(S3Object object) {
        if (!ObjectKey.isValid(object.key())) {
            return Optional.empty();
        }
        return Optional.of(
                new ObjectInfo(
                        new ObjectKey(object.key()),
                        object.size(),
                        Optional.empty(),
                        object.lastModified(),
                        Optional.empty(),
                        Optional.ofNullable(object.storageClassAsString()),
                        Optional.empty(),
                        false,
                        Map.of(),
                        Optional.ofNullable(object.eTag()),
                        ObjectInfo.untouched(Optional.ofNullable(object.storageClassAsString()))));
    }

    @Override
    public void delete(ObjectKey key) {
        String what = "deleting " + key;
        try {
            List<String> versions = versions(key);
            if (versions.isEmpty()) {
                return;
            }
            versions.forEach(version ->
                    client.deleteObject(request ->
                            request.bucket(config.bucket()).key(key.value()).versionId(version)));
        } catch (S3Exception e) {
            if (e.statusCode() != NOT_IMPLEMENTED) {
                throw errors.translate(e, what);
            }
            // A store without versions. Some say of a missing bucket, too, that nothing is left to
            // delete.
            requireBucket(key);
            call(
                    what,
                    () ->
                            client.deleteObject(
                                    request -> request.bucket(config.bucket()).key(key.value())));
        } catch (SdkException e) {
            throw errors.translate(e, what);
        }
    }

    /**
     * The ids of all versions of exactly this key, the newest last, which a lock on an older one
     * leaves where it is; then those of delete markers, so that none shows again what it hides.
     */
    private List<String> versions(ObjectKey key) {
        List<String> versions = new ArrayList<>();
        List<String> markers = new ArrayList<>();
        String keyMarker = null;
        String versionMarker = null;
        while (true) {
            String afterKey = keyMarker;
            String afterVersion = versionMarker;
            ListObjectVersionsResponse page =
                    client.listObjectVersions(request ->
                            request.bucket(config.bucket())
                                    .prefix(key.value())
                                    .keyMarker(afterKey)
                                    .versionIdMarker(afterVersion));
            page.versions().stream()
                    .filter(version -> version.key().equals(key.value()))
                    .forEach(version -> versions.add(version.versionId()));
            page.deleteMarkers().stream()
                    .filter(marker -> marker.key().equals(key.value()))
                    .forEach(marker -> markers.add(marker.versionId()));
            boolean others =
                    !Boolean.TRUE.equals(page.isTruncated())
                            || (page.nextKeyMarker() != null
                                    && page.nextKeyMarker().compareTo(key.value()) > 0);
            if (others) {
                Collections.reverse(versions);
                versions.addAll(markers);
                return versions;
            }
            keyMarker = page.nextKeyMarker();
            versionMarker = page.nextVersionIdMarker();
        }
    }

    @Override
    public void retain(ObjectKey key, Retention retention) {
        String what = "setting the retention of " + key;
        ObjectLockRetention wanted =
                ObjectLockRetention.builder()
                        .mode(ObjectLockRetentionMode.fromValue(retention.mode().name()))
                        .retainUntilDate(retention.until())
                        .build();
        try {
            client.putObjectRetention(
                    request -> request.bucket(config.bucket()).key(key.value()).retention(wanted));
        } catch (SdkException e) {
            throw errors.translateLock(e, what, Optional.of(retention));
        }
    }

    @Override
    public void hold(ObjectKey key, boolean placed) {
        String what = (placed ? "placing" : "releasing") + " a legal hold on " + key;
        try {
            client.putObjectLegalHold(request ->
                    request.bucket(config.bucket())
                            .key(key.value())
                            .legalHold(hold ->
                                    hold.status(
                                            placed
                                                    ? ObjectLockLegalHoldStatus.ON
                                                    : ObjectLockLegalHoldStatus.OFF)));
        } catch (SdkException e) {
            throw errors.translateLock(e, what);
        }
    }

    @Override
    public void tag(ObjectKey key, Map<String, String> tags) {
        call(
                "tagging " + key,
                () ->
                        client.putObjectTagging(request ->
                                request.bucket(config.bucket())
                                        .key(key.value())
                                        .tagging(tagging(tags))));
    }

    @Override
    public Map<String, String> tags(ObjectKey key) {
        return call(
                        "reading the tags of " + key,
                        () ->
                                client.getObjectTagging(request ->
                                        request.bucket(config.bucket()).key(key.value())))
                .tagSet()
                .stream()
                .collect(Collectors.toMap(Tag::key, Tag::value));
    }

    @Override
    public void thaw(ObjectKey key, RetrievalTier tier, int days) {
        String what = "thawing " + key;
        RestoreRequest wanted =
                RestoreRequest.builder()
                        .days(days)
                        .glacierJobParameters(
                                GlacierJobParameters.builder().tier(tier(tier)).build())
                        .build();
        try {
            client.restoreObject(request ->
                    request.bucket(config.bucket()).key(key.value()).restoreRequest(wanted));
        } catch (S3Exception e) {
            boolean nothingToDo =
                    switch (S3Errors.code(e)) {
                        case "RestoreAlreadyInProgress" -> true;
                        case "InvalidObjectState" -> isNotArchived(key);
                        default -> false;
                    };
            if (!nothingToDo) {
                throw errors.translate(e, what);
            }
        } catch (SdkException e) {
            throw errors.translate(e, what);
        }
    }

    private static Tier tier(RetrievalTier tier) {
        return switch (tier) {
            case EXPEDITED -> Tier.EXPEDITED;
            case STANDARD -> Tier.STANDARD;
            case BULK -> Tier.BULK;
        };
    }

    private boolean isNotArchived(ObjectKey key) {
        return head(key).filter(info -> info.thaw() instanceof ThawState.NotArchived).isPresent();
    }

    @Override
    public void close() {
        client.close();
    }

    @Override
    public Optional<Retention> retention(ObjectKey key) {
        return lockOf(
                "looking at the retention of " + key,
                () -> {
                    ObjectLockRetention found =
                            client.getObjectRetention(request ->
                                            request.bucket(config.bucket()).key(key.value()))
                                    .retention();
                    return found == null
                            ? Optional.empty()
                            : retention(found.modeAsString(), found.retainUntilDate());
                });
    }

    @Override
    public boolean held(ObjectKey key) {
        return lockOf(
                        "looking at the legal hold of " + key,
                        () ->
                                Optional.ofNullable(
                                        client.getObjectLegalHold(request ->
                                                        request.bucket(config.bucket())
                                                                .key(key.value()))
                                                .legalHold()))
                .filter(hold -> hold.status() == ObjectLockLegalHoldStatus.ON)
                .isPresent();
    }

    /** Empty where S3 says that the object has none. */
    private <T> Optional<T> lockOf(String what, Supplier<Optional<T>> request) {
        try {
            return request.get();
        } catch (S3Exception e) {
            if (S3Errors.code(e).equals("NoSuchObjectLockConfiguration")) {
                return Optional.empty();
            }
            throw errors.translateLock(e, what);
        } catch (SdkException e) {
            throw errors.translateLock(e, what);
        }
    }

    private <T> T call(String what, Supplier<T> request) {
        try {
            return request.get();
        } catch (SdkException e) {
            throw errors.translate(e, what);
        }
    }

    private static ObjectInfo info(ObjectKey key, HeadObjectResponse response) {
        return new ObjectInfo(
                key,
                response.contentLength(),
                sha256(response.metadata()),
                response.lastModified(),
                Optional.ofNullable(response.versionId()),
                Optional.ofNullable(response.storageClassAsString()),
                retention(response.objectLockModeAsString(), response.objectLockRetainUntilDate()),
                response.objectLockLegalHoldStatus() == ObjectLockLegalHoldStatus.ON,
                others(response.metadata()),
                Optional.ofNullable(response.eTag()),
                thawState(response.storageClassAsString(), response.restore()));
    }

    private static ObjectInfo info(ObjectKey key, GetObjectResponse response) {
        return new ObjectInfo(
                key,
                wholeLength(response),
                sha256(response.metadata()),
                response.lastModified(),
                Optional.ofNullable(response.versionId()),
                Optional.ofNullable(response.storageClassAsString()),
                retention(response.objectLockModeAsString(), response.objectLockRetainUntilDate()),
                response.objectLockLegalHoldStatus() == ObjectLockLegalHoldStatus.ON,
                others(response.metadata()),
                Optional.ofNullable(response.eTag()),
                thawState(response.storageClassAsString(), response.restore()));
    }

    /** Of a range's answer, {@code bytes 0-9/100}, the part behind the slash. */
    private static long wholeLength(GetObjectResponse response) {
        String range = response.contentRange();
        return range == null
                ? response.contentLength()
                : Long.parseLong(range.substring(range.indexOf('/') + 1));
    }

    /** What is no digest was not written by Cairn, and proves nothing. */
    private static Optional<Sha256> sha256(Map<String, String> metadata) {
        return Optional.ofNullable(metadata.get(ObjectInfo.SHA256))
                .filter(Sha256::isValid)
                .map(Sha256::new);
    }

    private static Map<String, String> others(Map<String, String> metadata) {
        Map<String, String> others = new HashMap<>(metadata);
        others.remove(ObjectInfo.SHA256);
        return others;
    }

    /**
     * @param restore S3's {@code x-amz-restore}: {@code ongoing-request="true"}, or {@code
     *     ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"}
     */
    static ThawState thawState(@Nullable String storageClass, @Nullable String restore) {
        ThawState untouched = ObjectInfo.untouched(Optional.ofNullable(storageClass));
        if (restore == null || !(untouched instanceof ThawState.Archived(StorageClass in))) {
            return untouched;
        }
        if (restore.contains("ongoing-request=\"true\"")) {
            return new ThawState.Thawing(in);
        }
        Matcher expiry = EXPIRY.matcher(restore);
        return expiry.find()
                ? new ThawState.Thawed(
                        in,
                        DateTimeFormatter.RFC_1123_DATE_TIME.parse(expiry.group(1), Instant::from))
                : untouched;
    }

    private static Optional<Retention> retention(@Nullable String mode, @Nullable Instant until) {
        if (mode == null || until == null) {
            return Optional.empty();
        }
        return Optional.of(
                new Retention(io.cairn.model.policy.ObjectLockMode.valueOf(mode), until));
    }
}

package io.cairn.executor.wal;

import io.cairn.archive.ObjectEncoder;
import io.cairn.archive.SealedObject;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.wal.WalMetadata;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Stores a session's objects: compressed, encrypted with the session's key, with the digest of what
 * is in them, each by one conditional PUT. A store that is away is tried again for as long as the
 * caller is not interrupted.
 *
 * <p>Thread-safe. Memory: for each call at once, twice the content.
 */
final class WalWriter {

    /** More than this is compressed by the threads that are there for it. */
    private static final int INLINE_BYTES = 128 << 10;

    private final ObjectStore store;
    private final SessionKey key;
    private final ObjectEncoder encoder;
    private final ExecutorService compressors;
    private final Duration pause;
    private final Duration pauseMax;
    private final AtomicBoolean keyStored = new AtomicBoolean();
    private volatile boolean stopped;
    private int calls;
    private long lastAnswer;

    WalWriter(
            ObjectStore store,
            SessionKey key,
            ObjectEncoder encoder,
            ExecutorService compressors,
            WalSettings settings) {
        this.store = store;
        this.key = key;
        this.encoder = encoder;
        this.compressors = compressors;
        this.pause = settings.retryPause();
        this.pauseMax = settings.retryPauseMax();
    }

    StoreName store() {
        return store.name();
    }

    /** What became of an object. */
    sealed interface Written {

        /**
         * It is durable, by this call or one before.
         *
         * @param bytes that this call has stored
         */
        record Stored(long bytes) implements Written {}

        /** Other WAL lies under its name, and was left alone. */
        record Differs() implements Written {}
    }

    /**
     * @throws CairnException what the store refuses for good
     */
    Written write(ObjectKey name, byte[] content, int from, int length, Optional<Instant> sentAt)
            throws InterruptedException {
        Sha256 plain = digest(content, from, length);
        storeKey();
        SealedObject sealed = encode(name, content, from, length);
        ObjectBody body = ObjectBody.of(List.of(sealed.content()), sealed.sha256());
        PutOptions options = PutOptions.NONE.withMetadata(metadata(plain, sentAt));
        PutOutcome outcome = insisting(() -> store.putIfAbsent(name, body, options));
        return switch (outcome) {
            case PutOutcome.Created(ObjectInfo info) -> new Written.Stored(info.length());
            case PutOutcome.AlreadyPresent _ -> new Written.Stored(0);
            case PutOutcome.Different(ObjectInfo info) ->
                    isOf(info, plain) ? new Written.Stored(0) : new Written.Differs();
        };
    }

    private Map<String, String> metadata(Sha256 plain, Optional<Instant> sentAt) {
        Map<String, String> metadata = new HashMap<>();
        metadata.put(WalMetadata.KEY_ID, key.id());
        metadata.put(WalMetadata.PLAIN_SHA256, plain.hex());
        sentAt.ifPresent(time -> metadata.put(WalMetadata.SENT_AT, time.toString()));
        return metadata;
    }

    private SealedObject encode(ObjectKey name, byte[] content, int from, int length)
            throws InterruptedException {
        if (length <= INLINE_BYTES) {
            return encoder.encode(name, content, from, length);
        }
        Future<SealedObject> encoding =
                compressors.submit(() -> encoder.encode(name, content, from, length));
        try {
            return encoding.get();
        } catch (InterruptedException e) {
            encoding.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CairnException known
                    ? known
                    : new IllegalStateException(name + " cannot be encoded", e.getCause());
        }
    }

    /** Before the first object, once. */
    private void storeKey() throws InterruptedException {
        if (!keyStored.get()) {
            insisting(() -> store.putIfAbsent(key.name(), key.wrapped())).orThrow();
            keyStored.set(true);
        }
    }

    /**
     * What is stored under a name, compared with these bytes.
     *
     * @return empty if nothing is
     */
    Optional<Boolean> holds(ObjectKey name, byte[] content, int from, int length)
            throws InterruptedException {
        Optional<ObjectInfo> info = insisting(() -> store.head(name));
        return info.map(found -> isOf(found, digest(content, from, length)));
    }

    boolean exists(ObjectKey name) throws InterruptedException {
        return insisting(() -> store.head(name)).isPresent();
    }

    private static boolean isOf(ObjectInfo info, Sha256 plain) {
        return plain.hex().equals(info.metadata().get(WalMetadata.PLAIN_SHA256));
    }

    private static Sha256 digest(byte[] content, int from, int length) {
        MessageDigest digest = Sha256.newDigest();
        digest.update(content, from, length);
        return Sha256.of(digest);
    }

    /** Nothing is tried again any more. */
    void stop() {
        stopped = true;
    }

    private <T> T insisting(Supplier<T> call) throws InterruptedException {
        began();
        try {
            return insist(call);
        } finally {
            ended();
        }
    }

    private <T> T insist(Supplier<T> call) throws InterruptedException {
        Duration next = pause;
        while (true) {
            if (stopped || Thread.interrupted()) {
                throw new InterruptedException();
            }
            try {
                T answer = call.get();
                answered();
                return answer;
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.TRANSIENT) {
                    throw e;
                }
            }
            Thread.sleep(next);
            next = next.multipliedBy(2).compareTo(pauseMax) < 0 ? next.multipliedBy(2) : pauseMax;
        }
    }

    private synchronized void began() {
        if (calls == 0) {
            lastAnswer = System.nanoTime();
        }
        calls++;
    }

    private synchronized void answered() {
        lastAnswer = System.nanoTime();
    }

    private synchronized void ended() {
        calls--;
    }

    /**
     * Whether the store was asked for something and has answered nothing for so long. What is
     * compressed meanwhile is not its fault.
     */
    synchronized boolean isSilentFor(Duration limit) {
        return calls > 0 && System.nanoTime() - lastAnswer >= limit.toNanos();
    }
}

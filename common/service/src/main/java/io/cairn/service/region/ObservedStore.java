package io.cairn.service.region;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ForwardingStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;

/**
 * A store whose health is seen from what is written to it. What it only reads says nothing: a store
 * whose disk is full reads well. Thread-safe.
 */
public final class ObservedStore extends ForwardingStore {

    private final StoreHealth health;

    public ObservedStore(ObjectStore store, StoreHealth health) {
        super(store);
        this.health = health;
    }

    public StoreHealth health() {
        return health;
    }

    @Override
    public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
        try (StoreHealth.Try written = health.begin()) {
            return seen(written, () -> super.putIfAbsent(key, moving(body, written), options));
        }
    }

    @Override
    public PutOutcome replace(ObjectInfo present, ObjectBody body, PutOptions options) {
        try (StoreHealth.Try written = health.begin()) {
            return seen(written, () -> super.replace(present, moving(body, written), options));
        }
    }

    /** Notes how a request ended: an answer that refuses the object is an answer of the store. */
    private static <T> T seen(StoreHealth.Try written, Supplier<T> request) {
        try {
            T answer = request.get();
            written.succeeded();
            return answer;
        } catch (CairnException e) {
            if (isOfStore(e)) {
                written.failed(e);
            }
            throw e;
        }
    }

    /** Whether it is the store that is wrong, and not what was asked of it. */
    public static boolean isOfStore(CairnException failure) {
        return isOfStore(failure.code());
    }

    public static boolean isOfStore(ErrorCode code) {
        return switch (code) {
            case STORE_UNREACHABLE,
                    STORE_UNAVAILABLE,
                    STORE_BUCKET_MISSING,
                    STORE_ACCESS_DENIED,
                    STORE_ERROR ->
                    true;
            default -> false;
        };
    }

    /** A body that tells while it is read that it is on its way. */
    public static ObjectBody moving(ObjectBody body, StoreHealth.Try written) {
        return new ObjectBody() {
            @Override
            public long length() {
                return body.length();
            }

            @Override
            public Sha256 sha256() {
                return body.sha256();
            }

            @Override
            public InputStream open() {
                return new FilterInputStream(body.open()) {
                    @Override
                    public int read() throws IOException {
                        written.moved();
                        return super.read();
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        written.moved();
                        return super.read(into, offset, length);
                    }
                };
            }
        };
    }
}

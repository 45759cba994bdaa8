package io.cairn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.StoredObject;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStoreContract;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.PutOptions;
import io.cairn.testing.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3ObjectStoreContractIT extends ObjectStoreContract {

    private S3Server server;
    private ObjectStore store;
    private ObjectStore sibling;

    @BeforeAll
    void start(@TempDir Path directory) {
        server =
                S3Server.in(directory)
                        .credential("AKIDCONTRACT", "contract-secret")
                        .buckets("bucket", "sibling")
                        .start();
        store = S3ObjectStore.open(StoreConfigs.of(server, directory, "bucket"));
        sibling = S3ObjectStore.open(StoreConfigs.of(server, directory, "sibling"));
    }

    @AfterAll
    void stop() {
        store.close();
        sibling.close();
        server.close();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected boolean hasObjectLock() {
        return false;
    }

    @Override
    protected boolean hasTags() {
        return false;
    }

    @Override
    protected boolean hasArchive() {
        return false;
    }

    /** s3proxy copies, and passes over the condition. */
    @Override
    protected Optional<ObjectStore> sibling() {
        return Optional.empty();
    }

    @Test
    void isNotAskedToCopyWhereItWouldOverwrite() {
        for (int i = 0; i < 3; i++) {
            ObjectKey key = new ObjectKey("copies/" + i);
            byte[] bytes = new byte[1 << 20];
            bytes[0] = (byte) i;
            StoredObject object = new StoredObject(key, bytes.length, Sha256.of(bytes));
            sibling.putIfAbsent(key, ObjectBody.of(bytes)).orThrow();

            assertThat(store.copyIfAbsent(sibling, object, PutOptions.NONE)).isEmpty();
            ObjectStores.copy(sibling, object, store, PutOptions.NONE).orThrow();

            assertThat(store.read(object)).isEqualTo(bytes);
        }
    }

    @Override
    protected boolean verifiesDigests() {
        return true;
    }

    @Override
    protected void pass(Duration time) {
        throw new UnsupportedOperationException();
    }
}

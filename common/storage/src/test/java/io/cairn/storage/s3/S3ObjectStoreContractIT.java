package io.cairn.storage.s3;

import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStoreContract;
import io.cairn.testing.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3ObjectStoreContractIT extends ObjectStoreContract {

    private S3Server server;
    private ObjectStore store;

    @BeforeAll
    void start(@TempDir Path directory) {
        server =
                S3Server.in(directory)
                        .credential("AKIDCONTRACT", "contract-secret")
                        .buckets("bucket")
                        .start();
        store = S3ObjectStore.open(StoreConfigs.of(server, directory, "bucket"));
    }

    @AfterAll
    void stop() {
        store.close();
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
    protected boolean verifiesDigests() {
        return true;
    }

    @Override
    protected void pass(Duration time) {
        throw new UnsupportedOperationException();
    }
}

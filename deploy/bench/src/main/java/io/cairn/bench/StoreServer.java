package io.cairn.bench;

import io.cairn.config.Secret;
import io.cairn.testing.S3Server;
import io.cairn.testing.TestCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The S3 server that both write to, over TLS, each into a bucket of its own. */
public final class StoreServer implements AutoCloseable {

    public static final String ACCESS_KEY_ID = "bench";

    private final S3Server server;
    private final Path certificate;
    private final Secret secretAccessKey;

    private StoreServer(S3Server server, Path certificate, Secret secretAccessKey) {
        this.server = server;
        this.certificate = certificate;
        this.secretAccessKey = secretAccessKey;
    }

    public static StoreServer start(Path directory, Secret secretAccessKey) {
        TestCertificates.Identity identity = TestCertificates.server(directory.resolve("tls"));
        S3Server server =
                S3Server.in(directory)
                        .https(identity.pkcs12(), TestCertificates.PASSWORD)
                        .credential(ACCESS_KEY_ID, secretAccessKey.reveal())
                        .start();
        return new StoreServer(server, identity.certificate(), secretAccessKey);
    }

    public void createBucket(String bucket) {
        server.createBucket(bucket);
    }

    public S3Server server() {
        return server;
    }

    /** PEM; its own authority. */
    public Path certificate() {
        return certificate;
    }

    public Secret secretAccessKey() {
        return secretAccessKey;
    }

    /** Bytes of all objects in a bucket. */
    public long size(String bucket) throws IOException {
        return Folders.bytes(server.files(bucket));
    }

    public Duration cpu() {
        return server.cpu();
    }

    @Override
    public void close() {
        server.close();
    }
}

package io.cairn.storage.s3;

import io.cairn.config.SecretReference;
import io.cairn.config.StoreConfig;
import io.cairn.model.StoreName;
import io.cairn.testing.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Configurations of stores on loopback, for tests. */
public final class StoreConfigs {

    private StoreConfigs() {}

    /**
     * A bucket of the server with the server's credential; secrets are written to {@code
     * directory}.
     */
    public static StoreConfig of(S3Server server, Path directory, String bucket) {
        return of(
                server.endpoint(),
                directory,
                bucket,
                server.accessKeyId().orElse("anonymous"),
                server.secretAccessKey().orElse("anonymous"));
    }

    /** A bucket behind any endpoint; secrets are written to {@code directory}. */
    public static StoreConfig of(
            URI endpoint, Path directory, String bucket, String accessKeyId, String secret) {
        return new StoreConfig(
                new StoreName(bucket),
                bucket,
                S3Server.REGION,
                Optional.of(endpoint),
                true,
                Optional.of(secret(directory, accessKeyId + ".id", accessKeyId)),
                Optional.of(secret(directory, accessKeyId + ".secret", secret)),
                Optional.empty());
    }

    private static SecretReference secret(Path directory, String name, String value) {
        try {
            Path file = Files.writeString(directory.resolve(name), value);
            return new SecretReference("file:" + file.toAbsolutePath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

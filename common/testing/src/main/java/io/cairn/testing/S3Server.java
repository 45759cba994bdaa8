package io.cairn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * s3proxy on 127.0.0.1 in a process of its own, keeping objects as files under its directory.
 * Authenticates (SigV4), and decides conditional PUTs rightly; has neither versions nor Object
 * Lock. Thread-safe.
 *
 * <pre>
 * &lt;directory&gt;/data/&lt;bucket&gt;/…   objects
 * &lt;directory&gt;/s3proxy.properties  generated at each start, readable by its owner only
 * &lt;directory&gt;/s3proxy.log
 * </pre>
 */
public final class S3Server extends LoopbackServer {

    /** The region's name; s3proxy accepts any. */
    public static final String REGION = "us-east-1";

    private final Builder settings;

    private S3Server(Builder settings) {
        super(JavaServer.S3PROXY, settings);
        this.settings = settings;
    }

    /**
     * A server that keeps everything in {@code directory}, which is created where it is missing.
     */
    public static Builder in(Path directory) {
        return new Builder(directory);
    }

    /** How the server is to run. */
    public static final class Builder extends LoopbackServer.Builder<S3Server, Builder> {

        private final List<String> buckets = new ArrayList<>();
        private @Nullable String accessKeyId;
        private @Nullable String secretAccessKey;
        private @Nullable Path keystore;
        private @Nullable String keystorePassword;

        private Builder(Path directory) {
            super(directory);
        }

        @Override
        Builder self() {
            return this;
        }

        @Override
        S3Server create() {
            return new S3Server(this);
        }

        public Builder buckets(String... names) {
            buckets.addAll(List.of(names));
            return this;
        }

        /** The one credential that is let in; without it everybody is. */
        public Builder credential(String id, String secret) {
            accessKeyId = id;
            secretAccessKey = secret;
            return this;
        }

        /** Speaks TLS with the one key in this PKCS#12 file. */
        public Builder https(Path pkcs12, String password) {
            keystore = pkcs12.toAbsolutePath();
            keystorePassword = password;
            return this;
        }
    }

    public URI endpoint() {
        return URI.create(
                (settings.keystore == null ? "http" : "https") + "://127.0.0.1:" + port());
    }

    public Optional<String> accessKeyId() {
        return Optional.ofNullable(settings.accessKeyId);
    }

    public Optional<String> secretAccessKey() {
        return Optional.ofNullable(settings.secretAccessKey);
    }

    /** Where the objects of a bucket lie as files, for tests that damage them. */
    public Path files(String bucket) {
        return data().resolve(bucket);
    }

    public void createBucket(String bucket) {
        createDirectories(files(bucket));
    }

    @Override
    JavaServer.Run prepare() {
        createDirectories(data());
        settings.buckets.forEach(this::createBucket);
        List<Path> files = new ArrayList<>(List.of(directory()));
        if (settings.keystore != null) {
            files.add(settings.keystore.getParent());
        }
        List<String> arguments = new ArrayList<>(List.of("-Xmx256m", "-XX:+UseSerialGC"));
        // Not C1 alone: MD5 and AES take ten times as long with it (14 MiB/s over TLS).
        arguments.addAll(JvmOptions.COMPILES_LATER);
        arguments.addAll(
                List.of("org.gaul.s3proxy.Main", "--properties", writeProperties().toString()));
        return new JavaServer.Run(arguments, Map.of("LOG_LEVEL", "warn"), files, log());
    }

    private Path writeProperties() {
        Properties properties = new Properties();
        properties.setProperty(
                settings.keystore == null ? "s3proxy.endpoint" : "s3proxy.secure-endpoint",
                endpoint().toString());
        properties.setProperty("jclouds.provider", "filesystem-nio2");
        properties.setProperty("jclouds.filesystem.basedir", data().toString());
        if (settings.accessKeyId == null || settings.secretAccessKey == null) {
            properties.setProperty("s3proxy.authorization", "none");
        } else {
            properties.setProperty("s3proxy.authorization", "aws-v4");
            properties.setProperty("s3proxy.identity", settings.accessKeyId);
            properties.setProperty("s3proxy.credential", settings.secretAccessKey);
        }
        if (settings.keystore != null && settings.keystorePassword != null) {
            properties.setProperty("s3proxy.keystore-path", settings.keystore.toString());
            properties.setProperty("s3proxy.keystore-password", settings.keystorePassword);
        }
        return write(properties);
    }

    private Path write(Properties properties) {
        Path file = directory().resolve("s3proxy.properties");
        try {
            Files.deleteIfExists(file);
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            try (var writer = Files.newBufferedWriter(file)) {
                properties.store(writer, null);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

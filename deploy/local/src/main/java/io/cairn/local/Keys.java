package io.cairn.local;

import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.config.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The platform's own authority, recovery key, signer and manifests' key, made once. */
final class Keys {

    private static final Duration VALIDITY = Duration.ofDays(3650);

    private Keys() {}

    /** The file with the password of all of them. */
    static Path password(StateFolder state) {
        return state.secret("keys");
    }

    /** The {@code keys} of the configuration file. */
    static Map<String, Object> configuration(StateFolder state) {
        Secret password = Secrets.getOrCreate(password(state));
        KeyFiles files = new KeyFiles(state.keys());
        if (!Files.exists(files.recipient())) {
            KeyFiles.create(
                    state.keys(),
                    "local",
                    KeyAlgorithm.EC_P256,
                    password.chars(),
                    Instant.now(),
                    VALIDITY);
        }
        String reference = "file:" + password(state);
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("recipients", List.of(files.recipientCertificate().toString()));
        keys.put("trustAnchor", files.authorityCertificate().toString());
        keys.put("signer", Map.of("file", files.signer().toString(), "password", reference));
        keys.put("identity", Map.of("file", files.recipient().toString(), "password", reference));
        // A platform of an earlier release has none: its incrementals are log backups.
        if (Files.exists(files.manifests())) {
            keys.put(
                    "manifests",
                    Map.of("file", files.manifests().toString(), "password", reference));
        }
        return keys;
    }
}

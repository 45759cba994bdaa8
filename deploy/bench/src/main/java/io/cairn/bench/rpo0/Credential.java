package io.cairn.bench.rpo0;

import io.cairn.config.Secret;
import io.cairn.config.SecretReference;
import java.nio.file.Path;

/**
 * What every client shows to the S3 servers.
 *
 * @param idFile holds the id
 * @param secretFile holds the secret
 */
record Credential(String id, Secret secret, Path idFile, Path secretFile) {

    SecretReference idReference() {
        return new SecretReference("file:" + idFile);
    }

    SecretReference secretReference() {
        return new SecretReference("file:" + secretFile);
    }
}

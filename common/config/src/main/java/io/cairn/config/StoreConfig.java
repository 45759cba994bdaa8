package io.cairn.config;

import io.cairn.model.StoreName;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One bucket in one region.
 *
 * @param region the S3 region's name
 * @param endpoint absent for AWS itself
 * @param pathStyle bucket in the path instead of the host name, as most S3 servers outside AWS want
 *     it
 * @param caCertificate PEM file, where the endpoint's certificate is signed by an own authority
 */
public record StoreConfig(
        StoreName name,
        String bucket,
        String region,
        Optional<URI> endpoint,
        boolean pathStyle,
        Optional<SecretReference> accessKeyId,
        Optional<SecretReference> secretAccessKey,
        Optional<Path> caCertificate) {}

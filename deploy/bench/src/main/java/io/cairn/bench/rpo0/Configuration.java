package io.cairn.bench.rpo0;

import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.bench.Folders;
import io.cairn.config.Secret;
import io.cairn.testing.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Keys, secrets and {@code cairn.yaml} of the executors.
 *
 * @param role password of the role that streams
 */
record Configuration(
        Path directory, KeyFiles keys, Secret keysPassword, Secret role, Credential credential) {

    static Configuration create(Path directory) throws IOException {
        Folders.create(directory);
        Secret password = Folders.randomSecret();
        Secret role = Folders.randomSecret();
        Secret store = Folders.randomSecret();
        KeyFiles keys =
                KeyFiles.create(
                        directory.resolve("keys"),
                        "bench",
                        KeyAlgorithm.EC_P256,
                        password.chars(),
                        Instant.now().minusSeconds(60),
                        Duration.ofDays(30));
        Folders.write(directory.resolve("keys.secret"), password.reveal());
        Folders.write(directory.resolve("role.secret"), role.reveal());
        return new Configuration(
                directory,
                keys,
                password,
                role,
                new Credential(
                        "bench",
                        store,
                        Folders.write(directory.resolve("s3-id.secret"), "bench"),
                        Folders.write(directory.resolve("s3.secret"), store.reveal())));
    }

    /** Writes the file, and returns where it is. */
    Path write(Source source, List<Region> regions) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append(
                """
                clusters:
                  %s:
                    tier: queue
                    hosts: ["%s"]
                    user: %s
                    password: "file:%s"
                    database: %s
                    tls: {mode: disable}
                keys:
                  recipients: ["%s"]
                  trustAnchor: "%s"
                  signer: {file: "%s", password: "file:%s"}
                stores:
                """
                        .formatted(
                                Source.CLUSTER,
                                source.server().address(),
                                Source.ROLE,
                                directory.resolve("role.secret"),
                                Source.DATABASE,
                                keys.recipientCertificate(),
                                keys.authorityCertificate(),
                                keys.signer(),
                                directory.resolve("keys.secret")));
        for (Region region : regions) {
            text.append(
                    """
                      %s:
                        bucket: %s
                        region: %s
                        endpoint: "%s"
                        pathStyle: true
                        accessKeyId: "file:%s"
                        secretAccessKey: "file:%s"
                    """
                            .formatted(
                                    region.name(),
                                    region.bucket(),
                                    S3Server.REGION,
                                    region.endpoint(),
                                    credential.idFile(),
                                    credential.secretFile()));
        }
        return Folders.write(directory.resolve("cairn.yaml"), text.toString());
    }
}

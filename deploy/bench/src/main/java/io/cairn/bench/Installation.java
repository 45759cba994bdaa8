package io.cairn.bench;

import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.config.HostPort;
import io.cairn.config.Secret;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.testing.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Keys, secrets and {@code cairn.yaml}, as an operator would write them.
 *
 * @param file {@code cairn.yaml}
 * @param identity opens what is stored
 * @param trustAnchor of who signs it
 */
public record Installation(
        Path file, CairnConfig config, Identity identity, X509Certificate trustAnchor) {

    /**
     * A bucket that is there.
     *
     * @param endpoint the server's own, or that of something in front of it
     * @param certificate of the endpoint, where it speaks TLS
     */
    public record Store(
            StoreName name,
            String bucket,
            URI endpoint,
            String accessKeyId,
            Secret secretAccessKey,
            Optional<Path> certificate) {

        /** Makes the bucket. */
        public static Store on(StoreServer server, String name) {
            server.createBucket(name);
            return new Store(
                    new StoreName(name),
                    name,
                    server.server().endpoint(),
                    StoreServer.ACCESS_KEY_ID,
                    server.secretAccessKey(),
                    Optional.of(server.certificate()));
        }

        /** The same, reached by another way. */
        public Store behind(URI way) {
            return new Store(name, bucket, way, accessKeyId, secretAccessKey, certificate);
        }
    }

    /**
     * A cluster whose tier has it as the only one.
     *
     * @param copies where its tier's backups and WAL go
     */
    public record Cluster(
            ClusterName name, Tier tier, HostPort address, Secret password, List<Store> copies) {}

    /**
     * Writes everything into a new directory.
     *
     * @param level of gzip, 6 to 9
     */
    public static Installation create(
            Path directory, List<Cluster> clusters, List<Store> stores, int level)
            throws IOException {
        return create(directory, clusters, stores, level, "");
    }

    /**
     * The same.
     *
     * @param policy more settings of every tier, in YAML, each after a comma
     */
    public static Installation create(
            Path directory, List<Cluster> clusters, List<Store> stores, int level, String policy)
            throws IOException {
        Folders.create(directory);
        Secret password = Folders.randomSecret();
        KeyFiles keys =
                KeyFiles.create(
                        directory.resolve("keys"),
                        "bench",
                        KeyAlgorithm.EC_P256,
                        password.chars(),
                        Instant.now().minusSeconds(60),
                        Duration.ofDays(400));
        Folders.write(directory.resolve("keys.secret"), password.reveal());
        StringBuilder yaml = new StringBuilder();
        yaml.append("clusters:\n");
        for (Cluster cluster : clusters) {
            Folders.write(
                    directory.resolve(cluster.name() + ".secret"), cluster.password().reveal());
            yaml.append(
                    "  %s: {tier: %s, hosts: [\"%s\"], user: %s, password: \"file:%s/%1$s.secret\", tls: {mode: disable}}%n"
                            .formatted(
                                    cluster.name(),
                                    cluster.tier().id(),
                                    cluster.address(),
                                    SourceCluster.ROLE,
                                    directory));
        }
        yaml.append("stores:\n");
        for (Store store : stores) {
            Folders.write(
                    directory.resolve(store.name() + ".secret"), store.secretAccessKey().reveal());
            Folders.write(directory.resolve(store.name() + ".id"), store.accessKeyId());
            yaml.append(
                    "  %s: {bucket: %s, region: %s, endpoint: \"%s\", pathStyle: true, accessKeyId: \"file:%s/%1$s.id\", secretAccessKey: \"file:%5$s/%1$s.secret\"%s}%n"
                            .formatted(
                                    store.name(),
                                    store.bucket(),
                                    S3Server.REGION,
                                    store.endpoint(),
                                    directory,
                                    store.certificate()
                                            .map(", caCertificate: \"%s\""::formatted)
                                            .orElse("")));
        }
        yaml.append("tiers:\n");
        for (Tier tier : Tier.values()) {
            String copies =
                    clusters.stream()
                            .filter(cluster -> cluster.tier() == tier)
                            .map(Cluster::copies)
                            .findAny()
                            .orElse(List.of(stores.getFirst()))
                            .stream()
                            .map(copy -> copy.name().value())
                            .collect(Collectors.joining(", "));
            yaml.append(
                    "  %s: {copies: [%s], gzipLevel: %d%s}%n"
                            .formatted(tier.id(), copies, level, policy));
        }
        yaml.append(
                """
                keys:
                  recipients: [keys/recipient.pem]
                  trustAnchor: keys/authority.pem
                  signer: {file: keys/signer.p12, password: "file:%1$s/keys.secret"}
                  manifests: {file: keys/manifests.p12, password: "file:%1$s/keys.secret"}
                  identity: {file: keys/recipient.p12, password: "file:%1$s/keys.secret"}
                """
                        .formatted(directory));
        Path file = Folders.write(directory.resolve("cairn.yaml"), yaml.toString());
        return new Installation(
                file,
                CairnConfigReader.read(file),
                Identity.read(keys.recipient(), password.chars()),
                Certificates.read(keys.authorityCertificate()));
    }
}

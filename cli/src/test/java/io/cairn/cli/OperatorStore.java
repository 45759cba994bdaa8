package io.cairn.cli;

import io.cairn.config.CairnConfigReader;
import io.cairn.config.HostPort;
import io.cairn.model.StoreName;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.policy.PolicyRights;
import io.cairn.storage.policy.Principal;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.testing.S3Server;
import io.cairn.testing.StoreProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A bucket in which the operator may do what its policy says and no more, and the executor, who
 * writes the backups, likewise.
 */
final class OperatorStore implements AutoCloseable {

    private static final StoreName PRIMARY = new StoreName("primary");

    private final Path folder;
    private final S3Server server;
    private final StoreProxy proxy;
    private final ObjectStore executor;
    private final TestKeys keys;

    OperatorStore(Path folder) throws IOException {
        this.folder = folder;
        this.keys = KeyFolder.create(folder, "keys");
        KeyFolder.create(folder, "others");
        this.server = S3Server.in(folder.resolve("s3")).buckets("backups").start();
        this.proxy = StoreProxy.before(server.endpoint());
        proxy.grant("operator", PolicyRights.of(Principal.OPERATOR));
        this.executor = as(Principal.EXECUTOR);
    }

    /** The store as another service sees it; the caller closes it. */
    ObjectStore as(Principal principal) throws IOException {
        String credential = principal.name().toLowerCase(Locale.ROOT);
        proxy.grant(credential, PolicyRights.of(principal));
        return S3ObjectStore.open(
                CairnConfigReader.read(config(credential, "keys/recipient.p12")).store(PRIMARY));
    }

    /** What the executor does, with its credential. */
    ObjectStore executor() {
        return executor;
    }

    /** A backup as the executor writes it. */
    SyntheticBackup backup(String label) {
        return new SyntheticBackup().labelled(label).tablespaceAt(tablespace());
    }

    /** Where the backups' tablespace was. */
    Path tablespace() {
        return folder.resolve("fast");
    }

    TestKeys keys() {
        return keys;
    }

    /** Where the store keeps its objects; to damage them as no credential could. */
    Path objects() {
        return server.files("backups");
    }

    /** The operator's configuration. */
    Path config() throws IOException {
        return config("operator", "keys/recipient.p12");
    }

    /** The operator's configuration, with a cluster that can be reached. */
    Path config(HostPort shop, String user) throws IOException {
        String text =
                Files.readString(config())
                        .replace("\"127.0.0.1:1\"]", "\"" + shop + "\"], user: " + user);
        return Files.writeString(folder.resolve("reachable-" + user + ".yaml"), text);
    }

    /** The operator's configuration with somebody else's key. */
    Path configWithAnotherKey() throws IOException {
        return config("operator", "others/recipient.p12");
    }

    /**
     * The custodian's configuration.
     *
     * @param recipient {@code keys} or {@code others}: whom keys are wrapped for
     * @param identity {@code keys} or {@code others}: whose private key is at hand
     */
    Path custodianConfig(String recipient, String identity) throws IOException {
        proxy.grant("custodian", PolicyRights.of(Principal.CUSTODIAN));
        String text =
                Files.readString(config("custodian", identity + "/recipient.p12"))
                        .replace("[keys/recipient.pem]", "[" + recipient + "/recipient.pem]");
        return Files.writeString(
                folder.resolve("custodian-" + recipient + "-" + identity + ".yaml"), text);
    }

    /** A PKCS#12 file with another recipient's private key. */
    Path otherIdentity() {
        return folder.resolve("others/recipient.p12");
    }

    /** Where the password of all PKCS#12 files is. */
    String passwordReference() {
        return "file:" + folder.resolve("password");
    }

    private Path config(String credential, String identity) throws IOException {
        String text =
                """
                clusters:
                  shop: {tier: oltp, hosts: ["127.0.0.1:1"], tls: {mode: disable}}
                stores:
                  primary:
                    bucket: backups
                    endpoint: "%1$s"
                    accessKeyId: "file:%2$s"
                    secretAccessKey: "file:password"
                keys:
                  recipients: [keys/recipient.pem]
                  trustAnchor: keys/authority.pem
                  identity: {file: %3$s, password: "file:password"}
                tiers:
                  oltp: {copies: [primary]}
                """
                        .formatted(
                                proxy.endpoint(),
                                Files.writeString(folder.resolve(credential), credential),
                                identity);
        return Files.writeString(
                folder.resolve(credential + "-" + Path.of(identity).getName(0) + ".yaml"), text);
    }

    @Override
    public void close() {
        executor.close();
        proxy.close();
        server.close();
    }
}

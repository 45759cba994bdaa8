package io.cairn.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.config.KeysConfig.Pkcs12;
import io.cairn.config.SecretReference;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserConfigTest {

    private static final String CLUSTER =
            """
            clusters:
              orders: {tier: oltp, hosts: [db1], tls: {mode: disable}}
            """;

    private static final Map<String, Object> OWN_STORES =
            Map.of(
                    "primary", Map.of("bucket", "one"),
                    "secondary", Map.of("bucket", "two"),
                    "archive", Map.of("bucket", "three"));

    @TempDir private Path folder;
    private Path file = Path.of("my.yaml");

    @BeforeEach
    void placeFile() throws IOException {
        file = Files.createDirectory(folder.resolve("user")).resolve("my.yaml");
    }

    /** The written file lies in another folder, and still names the same files. */
    @Test
    void theDocumentedExampleMeansTheSameInTheStateFolder() throws IOException {
        String page = Files.readString(Path.of("../../docs/configuration.md"));
        int begin = page.indexOf("```yaml") + "```yaml".length();
        UserConfig user = read(page.substring(begin, page.indexOf("```", begin)));

        assertThat(merged(Map.of("keys", Map.of("trustAnchor", "own.pem")), user))
                .isEqualTo(CairnConfigReader.read(file));
        assertThat(user.config().keys().recipients())
                .contains(file.resolveSibling("certificates/recovery.pem"));
    }

    @Test
    void everyRelativePathStaysRelativeToTheUsersFile() throws IOException {
        UserConfig user =
                read(
                        """
                        clusters:
                          orders: &orders
                            tier: oltp
                            hosts: [db1]
                            password: "file:orders.secret"
                            tls: {mode: verify-ca, rootCertificate: ../ca.pem}
                          more: *orders
                        stores:
                          primary: {bucket: "0123", caCertificate: s3.pem}
                          secondary: {bucket: yes}
                        tiers:
                          content: {copies: [primary]}
                          olap: {copies: [primary]}
                        keys:
                          recipients: [one.pem, /two.pem]
                          trustAnchor: anchor.pem
                          signer: {file: signer.p12, password: "file:signer.secret"}
                          identity: {file: identity.p12, password: "env:IDENTITY"}
                          manifests: {file: manifests.p12, password: "file:manifests.secret"}
                        postgres: {"18": pg/18}
                        """);

        CairnConfig merged = merged(Map.of("clusters", Map.of()), user);

        assertThat(merged).isEqualTo(user.config());
        assertThat(merged.clusters()).hasSize(2);
        assertThat(merged.keys().manifests())
                .contains(
                        new Pkcs12(
                                file.resolveSibling("manifests.p12"),
                                new SecretReference(
                                        "file:" + file.resolveSibling("manifests.secret"))));
        assertThat(merged.postgres()).containsEntry(18, file.resolveSibling("pg/18"));
    }

    @Test
    void whatTheFileLeavesOutOrEmptyIsThePlatforms() throws IOException {
        UserConfig user = read(CLUSTER + "stores: {}\n");

        CairnConfig merged =
                merged(Map.of("stores", OWN_STORES, "keys", Map.of("trustAnchor", "/a.pem")), user);

        assertThat(merged.stores())
                .containsOnlyKeys(
                        new StoreName("primary"),
                        new StoreName("secondary"),
                        new StoreName("archive"));
        assertThat(merged.keys().trustAnchor()).contains(Path.of("/a.pem"));
    }

    @Test
    void anErrorNamesTheUsersFileAndTheLine() {
        refuses("clusters:\n  orders: [\n", 3).hasMessageContaining("not YAML");
        refuses(CLUSTER + CLUSTER, 3).hasMessageContaining("clusters is there twice");
        refuses(CLUSTER + "keyz: {}\n", 3).hasMessageContaining("unknown key keyz");
        refuses("stores: {}\n", 1).hasMessageContaining("it names no cluster");
        refuses("", 1).hasMessageContaining("it names no cluster");
    }

    @Test
    void anErrorBesideThePlatformsOwnSectionsIsFoundInTheUsersFileToo() {
        refuses(CLUSTER + "tiers:\n  oltp:\n    copies: [primary, tape]\n", 5)
                .hasMessageContaining("tiers.oltp.copies: there is no store 'tape'");
        refuses(CLUSTER + "keys:\n  recipients: [one.pem]\n", 3)
                .hasMessageContaining("keys.trustAnchor is missing");
    }

    @Test
    void aPasswordThatIsNotThereIsSaidWithItsCluster() throws IOException {
        UserConfig user =
                read(
                        """
                        clusters:
                          orders:
                            tier: oltp
                            hosts: [db1]
                            password: "file:absent"
                            tls: {mode: disable}
                        """);

        assertThatThrownBy(user::requirePasswords)
                .isInstanceOf(CairnException.class)
                .hasMessageStartingWith(file + ": clusters.orders.password: ")
                .hasMessageNotContaining("\n");
    }

    private UserConfig read(String text) throws IOException {
        Files.writeString(file, text);
        return UserConfig.read(file);
    }

    /** One line, which says what to do. */
    private AbstractThrowableAssert<?, ? extends Throwable> refuses(String text, int line) {
        return assertThatThrownBy(() -> read(text))
                .isInstanceOfSatisfying(
                        CairnException.class, refused -> assertThat(refused.hint()).isPresent())
                .hasMessageStartingWith(file + ", line " + line + ": ")
                .hasMessageNotContaining("\n");
    }

    private CairnConfig merged(Map<String, Object> own, UserConfig user) {
        Path written = folder.resolve("cairn.yaml");
        ConfigFile.write(written, own, Optional.of(user));
        return CairnConfigReader.read(written);
    }
}

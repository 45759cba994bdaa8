package io.cairn.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.CertificateAuthority;
import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.CommitSignature;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.archive.key.WrappedKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The exit is part of the format: what Cairn writes, the distribution's openssl and gzip read. */
class OpensslIT {

    private static final char[] PASSWORD = "geheim".toCharArray();

    @TempDir private Path directory;

    private final BackupKey key = BackupKey.random(new SecureRandom());
    private final Instant now = Instant.now();

    private Programs.Result run(String... command) throws IOException, InterruptedException {
        return Programs.run(directory, command);
    }

    /** The key as a shell would find it in what openssl prints. */
    private String hexOf(BackupKey wrapped) throws IOException, InterruptedException {
        Identity recipient =
                CertificateAuthority.create("a", KeyAlgorithm.EC_P256, now, Duration.ofDays(1))
                        .issueRecipient("r", KeyAlgorithm.EC_P256, now, Duration.ofDays(1));
        write("own.cms", WrappedKey.wrap(wrapped, List.of(recipient.certificate()), now));
        write("own.key", recipient.toPrivateKeyPem());
        Programs.Result result =
                run(
                        "openssl",
                        "cms",
                        "-decrypt",
                        "-binary",
                        "-inform",
                        "DER",
                        "-in",
                        "own.cms",
                        "-inkey",
                        "own.key");
        assertThat(result.status()).as(result.output()).isZero();
        return result.output()
                .lines()
                .filter(line -> line.startsWith("key "))
                .findFirst()
                .orElseThrow()
                .substring(4);
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.write(directory.resolve(name), bytes);
    }

    private Programs.Result decrypt(String name, String hex)
            throws IOException, InterruptedException {
        return run(
                "openssl",
                "cms",
                "-decrypt",
                "-binary",
                "-inform",
                "DER",
                "-in",
                name,
                "-out",
                name + ".gz",
                "-secretkey",
                hex,
                "-secretkeyid",
                key.id());
    }

    @Test
    void opensslAndGunzipReadAnObject() throws Exception {
        String hex = hexOf(key);
        for (GzipCodec codec : List.of(GzipCodec.best(), GzipCodec.zlib())) {
            for (int size : new int[] {0, 1, 100, 70_000, 3_000_000}) {
                byte[] content = SampleData.cluster(new Random(size), size);
                SealedObject object = new ObjectEncoder(codec, 6, key).encode(Samples.KEY, content);
                byte[] stored = new byte[object.length()];
                object.content().get(stored);
                write("object", stored);

                Programs.Result decrypted = decrypt("object", hex);
                assertThat(decrypted.status()).as(decrypted.output()).isZero();
                Programs.Result inflated = run("gzip", "-d", "-f", "object.gz");
                assertThat(inflated.status()).as(inflated.output()).isZero();

                assertThat(Files.readAllBytes(directory.resolve("object"))).isEqualTo(content);
            }
        }
    }

    @Test
    void opensslRefusesATamperedObjectAndAnotherKey() throws Exception {
        String hex = hexOf(key);
        SealedObject object =
                new ObjectEncoder(GzipCodec.best(), 6, key).encode(Samples.KEY, new byte[5000]);
        byte[] stored = new byte[object.length()];
        object.content().get(stored);
        for (int at : new int[] {100, stored.length - 20, stored.length - 1}) {
            byte[] tampered = stored.clone();
            tampered[at] ^= 1;
            write("tampered", tampered);

            assertThat(decrypt("tampered", hex).status()).isNotZero();
        }
        write("object", stored);
        assertThat(decrypt("object", "00".repeat(32)).status()).isNotZero();
        assertThat(decrypt("object", hex).status()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void opensslUnwrapsTheKeyForEachRecipientOfSeveral(KeyAlgorithm algorithm) throws Exception {
        CertificateAuthority authority =
                CertificateAuthority.create("a", KeyAlgorithm.EC_P256, now, Duration.ofDays(1));
        List<Identity> recipients =
                List.of(
                        authority.issueRecipient(
                                "first", KeyAlgorithm.EC_P256, now, Duration.ofDays(1)),
                        authority.issueRecipient(
                                "second", KeyAlgorithm.RSA_3072, now, Duration.ofDays(1)),
                        authority.issueRecipient("third", algorithm, now, Duration.ofDays(1)));
        write(
                "key.cms",
                WrappedKey.wrap(key, recipients.stream().map(Identity::certificate).toList(), now));

        for (Identity recipient : recipients) {
            write("recipient.pem", Certificates.toPem(List.of(recipient.certificate())));
            write("recipient.key", recipient.toPrivateKeyPem());
            Programs.Result result =
                    run(
                            "openssl",
                            "cms",
                            "-decrypt",
                            "-binary",
                            "-inform",
                            "DER",
                            "-in",
                            "key.cms",
                            "-recip",
                            "recipient.pem",
                            "-inkey",
                            "recipient.key");

            assertThat(result.status()).as(result.output()).isZero();
            assertThat(result.output())
                    .matches("cairn backup key 1\nid " + key.id() + "\nkey [0-9a-f]{64}\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void opensslReadsOurKeyFiles(KeyAlgorithm algorithm) throws Exception {
        KeyFiles files =
                KeyFiles.create(
                        directory.resolve("keys"),
                        "Test",
                        algorithm,
                        PASSWORD,
                        now,
                        Duration.ofDays(30));

        Programs.Result pkcs12 =
                run(
                        "openssl",
                        "pkcs12",
                        "-in",
                        files.recipient().toString(),
                        "-nodes",
                        "-passin",
                        "pass:geheim");
        Programs.Result chain =
                run(
                        "openssl",
                        "verify",
                        "-CAfile",
                        files.authorityCertificate().toString(),
                        files.recipientCertificate().toString(),
                        files.signerCertificate().toString());

        assertThat(pkcs12.output())
                .contains("BEGIN PRIVATE KEY", "BEGIN CERTIFICATE", "Test recipient");
        assertThat(chain.status()).as(chain.output()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void opensslVerifiesTheSignatureAndRefusesWhatItMustRefuse(KeyAlgorithm algorithm)
            throws Exception {
        KeyFiles files =
                KeyFiles.create(
                        directory.resolve("keys"),
                        "Test",
                        algorithm,
                        PASSWORD,
                        now,
                        Duration.ofDays(30));
        KeyFiles others =
                KeyFiles.create(
                        directory.resolve("others"),
                        "Test",
                        algorithm,
                        PASSWORD,
                        now,
                        Duration.ofDays(30));
        byte[] commit = "{\r\n  \"format\" : 1\n}".getBytes();
        write("backup.json", commit);
        write(
                "backup.sig",
                CommitSignature.sign(commit, Identity.read(files.signer(), PASSWORD), now));

        Programs.Result good = verify("backup.json", files);
        assertThat(good.status()).as(good.output()).isZero();
        assertThat(verify("backup.json", others).status()).isNotZero();
        write("changed.json", "{\n  \"format\" : 1\n}".getBytes());
        assertThat(verify("changed.json", files).status()).isNotZero();
    }

    private Programs.Result verify(String content, KeyFiles files)
            throws IOException, InterruptedException {
        return run(
                "openssl",
                "cms",
                "-verify",
                "-binary",
                "-inform",
                "DER",
                "-in",
                "backup.sig",
                "-content",
                content,
                "-CAfile",
                files.authorityCertificate().toString(),
                "-no-CApath",
                "-no-CAstore",
                "-out",
                "/dev/null");
    }

    /** The other way round: what openssl encrypts and signs, we read. */
    @Test
    void weReadTheSignaturesOfOpenssl() throws Exception {
        KeyFiles files =
                KeyFiles.create(
                        directory.resolve("keys"),
                        "Test",
                        KeyAlgorithm.RSA_3072,
                        PASSWORD,
                        now,
                        Duration.ofDays(30));
        Identity signer = Identity.read(files.signer(), PASSWORD);
        write("signer.key", signer.toPrivateKeyPem());
        write("backup.json", new byte[] {1, 2, 3});
        Programs.Result signed =
                run(
                        "openssl",
                        "cms",
                        "-sign",
                        "-binary",
                        "-md",
                        "sha256",
                        "-outform",
                        "DER",
                        "-in",
                        "backup.json",
                        "-signer",
                        files.signerCertificate().toString(),
                        "-inkey",
                        "signer.key",
                        "-out",
                        "backup.sig");
        assertThat(signed.status()).as(signed.output()).isZero();

        assertThat(
                        CommitSignature.verify(
                                new byte[] {1, 2, 3},
                                Files.readAllBytes(directory.resolve("backup.sig")),
                                Certificates.read(files.authorityCertificate()),
                                "sig"))
                .isEqualTo(signer.certificate());
    }
}

package io.cairn.archive.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFilesTest {

    private static final Instant NOW = Instant.parse("2026-11-22T02:00:00Z");
    private static final char[] PASSWORD = "geheim".toCharArray();

    @TempDir private Path directory;

    private KeyFiles files;

    @BeforeEach
    void create() {
        files =
                KeyFiles.create(
                        directory.resolve("keys"),
                        "Test",
                        KeyAlgorithm.EC_P256,
                        PASSWORD,
                        NOW,
                        Duration.ofDays(3650));
    }

    @Test
    void theFilesDoWhatTheyAreFor() {
        Identity recipient = Identity.read(files.recipient(), PASSWORD);
        Identity signer = Identity.read(files.signer(), PASSWORD);
        BackupKey key = BackupKey.random(new SecureRandom());
        byte[] wrapped =
                WrappedKey.wrap(key, Certificates.readAll(files.recipientCertificate()), NOW);
        byte[] signature = CommitSignature.sign(wrapped, signer, NOW);

        assertThat(WrappedKey.unwrap(wrapped, recipient, "key").id()).isEqualTo(key.id());
        assertThat(
                        CommitSignature.verify(
                                wrapped,
                                signature,
                                Certificates.read(files.authorityCertificate()),
                                "sig"))
                .isEqualTo(Certificates.read(files.signerCertificate()));
    }

    @Test
    void theAuthorityCanIssueMore() {
        CertificateAuthority authority =
                CertificateAuthority.of(Identity.read(files.authority(), PASSWORD));
        Identity second =
                authority.issueSigner("second", KeyAlgorithm.RSA_3072, NOW, Duration.ofDays(1));

        byte[] signature = CommitSignature.sign(new byte[1], second, NOW);

        assertThat(
                        CommitSignature.verify(
                                new byte[1],
                                signature,
                                Certificates.read(files.authorityCertificate()),
                                "sig"))
                .isEqualTo(second.certificate());
    }

    @Test
    void privateKeysAreReadableByTheirOwnerOnly() throws IOException {
        for (Path file :
                List.of(
                        files.authority(),
                        files.recipient(),
                        files.recipientKey(),
                        files.signer())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        byte[] before = Files.readAllBytes(files.recipient());

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() ->
                        KeyFiles.create(
                                files.directory(),
                                "Test",
                                KeyAlgorithm.EC_P256,
                                PASSWORD,
                                NOW,
                                Duration.ofDays(1)));
        assertThat(Files.readAllBytes(files.recipient())).isEqualTo(before);
    }

    @Test
    void aWrongPasswordIsToldFromABrokenFile() throws IOException {
        Path broken = Files.write(directory.resolve("broken.p12"), new byte[100]);

        assertFails(
                ErrorCode.KEY_INVALID,
                "password",
                () -> Identity.read(files.recipient(), "falsch".toCharArray()));
        assertFails(ErrorCode.KEY_INVALID, "not a PKCS#12", () -> Identity.read(broken, PASSWORD));
        assertFails(
                ErrorCode.KEY_INVALID,
                "missing.p12",
                () -> Identity.read(directory.resolve("missing.p12"), PASSWORD));
    }

    @Test
    void whatIsNoCertificateIsRefused() throws IOException {
        Path text = Files.writeString(directory.resolve("text.pem"), "hello");
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");
        Path broken =
                Files.writeString(
                        directory.resolve("broken.pem"),
                        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

        assertFails(ErrorCode.CERTIFICATE_INVALID, "text.pem", () -> Certificates.read(text));
        assertFails(ErrorCode.CERTIFICATE_INVALID, "empty.pem", () -> Certificates.read(empty));
        assertFails(ErrorCode.CERTIFICATE_INVALID, "broken.pem", () -> Certificates.read(broken));
        assertFails(
                ErrorCode.CERTIFICATE_INVALID,
                "none.pem",
                () -> Certificates.read(directory.resolve("none.pem")));
    }

    @Test
    void anIdentityShowsItsNameAndNotItsKey() {
        assertThat(Identity.read(files.recipient(), PASSWORD))
                .hasToString("identity of CN=Test recipient");
    }

    private static void assertFails(ErrorCode code, String named, ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(type(CairnException.class))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code))
                .satisfies(e -> assertThat(e.messageWithHint()).contains(named, "hint:"));
    }
}

package io.cairn.archive.key;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * A complete set of key files in one directory, as the configuration refers to them:
 *
 * <pre>
 * authority.pem   certificate of the authority: the trust anchor
 * authority.p12   its key: keep it offline
 * recipient.pem   certificate that backups are encrypted for
 * recipient.p12   key that opens them: for validator and operator
 * recipient.key   the same, as PEM without a password: for openssl
 * signer.pem      certificate of the executors' signing key
 * signer.p12      key that signs commit objects: for executors
 * manifests.p12   key that opens the manifests of backups, and nothing else: for executors
 * </pre>
 *
 * <p>Files with private keys are readable by their owner only.
 */
public record KeyFiles(Path directory) {

    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    public Path authorityCertificate() {
        return directory.resolve("authority.pem");
    }

    public Path authority() {
        return directory.resolve("authority.p12");
    }

    public Path recipientCertificate() {
        return directory.resolve("recipient.pem");
    }

    public Path recipient() {
        return directory.resolve("recipient.p12");
    }

    public Path recipientKey() {
        return directory.resolve("recipient.key");
    }

    public Path signerCertificate() {
        return directory.resolve("signer.pem");
    }

    public Path signer() {
        return directory.resolve("signer.p12");
    }

    /** What all executors share to read the manifests of parents. */
    public Path manifests() {
        return directory.resolve("manifests.p12");
    }

    /**
     * Makes an authority, a recipient, a signer and what executors read manifests with, and writes
     * their files. Refuses to overwrite any.
     *
     * @param name goes into the certificates' names: {@code <name> recipient}
     * @param password of the PKCS#12 files
     * @throws UncheckedIOException if the directory cannot be written, or a file is there already
     */
    public static KeyFiles create(
            Path directory,
            String name,
            KeyAlgorithm algorithm,
            char[] password,
            Instant now,
            Duration validity) {
        KeyFiles files = new KeyFiles(directory);
        CertificateAuthority authority =
                CertificateAuthority.create(name + " authority", algorithm, now, validity);
        Identity recipient =
                authority.issueRecipient(name + " recipient", algorithm, now, validity);
        Identity signer = authority.issueSigner(name + " signer", algorithm, now, validity);
        Identity manifests =
                authority.issueRecipient(name + " manifests", algorithm, now, validity);
        try {
            Files.createDirectories(directory);
            writeCertificate(files.authorityCertificate(), authority.identity());
            writeSecret(files.authority(), authority.identity().toPkcs12(password));
            writeCertificate(files.recipientCertificate(), recipient);
            writeSecret(files.recipient(), recipient.toPkcs12(password));
            writeSecret(files.recipientKey(), recipient.toPrivateKeyPem());
            writeCertificate(files.signerCertificate(), signer);
            writeSecret(files.signer(), signer.toPkcs12(password));
            writeSecret(files.manifests(), manifests.toPkcs12(password));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write key files into " + directory, e);
        }
        return files;
    }

    private static void writeCertificate(Path file, Identity identity) throws IOException {
        Files.write(
                file,
                Certificates.toPem(Set.of(identity.certificate())),
                StandardOpenOption.CREATE_NEW);
    }

    private static void writeSecret(Path file, byte[] bytes) throws IOException {
        // The rights come with the file, not after it.
        Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.write(file, bytes);
    }
}

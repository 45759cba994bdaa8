package io.cairn.archive.key;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A private key with its certificate and the certificates up to its authority: what a PKCS#12 file
 * holds. A recipient's identity unwraps backup keys, a signer's signs commit objects.
 *
 * @param key RSA or EC; never shown
 * @param chain the own certificate first
 */
public record Identity(PrivateKey key, List<X509Certificate> chain) {

    private static final String ALIAS = "cairn";

    public Identity {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("an identity has a certificate");
        }
    }

    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /**
     * Reads the first private key of a PKCS#12 file.
     *
     * @throws CairnException {@link ErrorCode#KEY_INVALID} if the file is missing, is no PKCS#12,
     *     holds no private key or has another password
     */
    public static Identity read(Path file, char[] password) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.KEY_INVALID,
                    "cannot read the key file " + file,
                    "put the PKCS#12 file there, readable by the user this process runs as",
                    e);
        }
        return parse(bytes, password, file.toString());
    }

    static Identity parse(byte[] pkcs12, char[] password, String name) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(pkcs12), password);
            return first(store, password)
                    .orElseThrow(() ->
                            new CairnException(
                                    ErrorCode.KEY_INVALID,
                                    name + " holds no private key with a certificate",
                                    "export key and certificate together: openssl pkcs12 -export -inkey KEY -in CERT"));
        } catch (IOException e) {
            boolean wrongPassword = e.getCause() instanceof UnrecoverableKeyException;
            throw new CairnException(
                    ErrorCode.KEY_INVALID,
                    wrongPassword
                            ? "the password does not open " + name
                            : name + " is not a PKCS#12 file",
                    wrongPassword
                            ? "check the password's reference in the configuration"
                            : "give a .p12 file with key and certificate",
                    e);
        } catch (GeneralSecurityException e) {
            throw new CairnException(
                    ErrorCode.KEY_INVALID,
                    "the key in " + name + " cannot be used",
                    "it must be an RSA or EC key",
                    e);
        }
    }

    private static Optional<Identity> first(KeyStore store, char[] password)
            throws GeneralSecurityException {
        for (String alias : Collections.list(store.aliases())) {
            if (store.isKeyEntry(alias)) {
                Key key = store.getKey(alias, password);
                Certificate[] chain = store.getCertificateChain(alias);
                if (key instanceof PrivateKey privateKey && chain != null && chain.length > 0) {
                    return Optional.of(
                            new Identity(
                                    privateKey,
                                    Arrays.stream(chain)
                                            .map(X509Certificate.class::cast)
                                            .toList()));
                }
            }
        }
        return Optional.empty();
    }

    /** As the bytes of a PKCS#12 file, encrypted with {@code password} (PBES2, AES-256). */
    public byte[] toPkcs12(char[] password) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(ALIAS, key, password, chain.toArray(Certificate[]::new));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            store.store(bytes, password);
            return bytes.toByteArray();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("every JDK writes PKCS#12", e);
        }
    }

    /**
     * The private key as PEM (PKCS#8), <em>not</em> encrypted: for openssl, in a file that only its
     * owner reads.
     */
    public byte[] toPrivateKeyPem() {
        return Certificates.pemBlock("PRIVATE KEY", key.getEncoded())
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "identity of " + Certificates.name(certificate());
    }
}

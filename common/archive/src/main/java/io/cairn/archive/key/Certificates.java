package io.cairn.archive.key;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.List;

/** Reads X.509 certificates and tells what is wrong with one. */
public final class Certificates {

    private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Certificates() {}

    /**
     * All certificates of a PEM file (or the one of a DER file), in its order; at least one.
     *
     * @throws CairnException {@link ErrorCode#CERTIFICATE_INVALID}
     */
    public static List<X509Certificate> readAll(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.CERTIFICATE_INVALID,
                    "cannot read the certificate " + file,
                    "put the PEM certificate there, readable by the user this process runs as",
                    e);
        }
        return parse(bytes, file.toString());
    }

    /** The first certificate of a file: the recipient's, the trust anchor's. */
    public static X509Certificate read(Path file) {
        return readAll(file).getFirst();
    }

    static List<X509Certificate> parse(byte[] bytes, String name) {
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!certificates.isEmpty()) {
                return certificates;
            }
            throw new CertificateException("no certificate in it");
        } catch (CertificateException e) {
            throw new CairnException(
                    ErrorCode.CERTIFICATE_INVALID,
                    name + " does not parse as an X.509 certificate",
                    "it must be PEM, beginning with -----BEGIN CERTIFICATE-----",
                    e);
        }
    }

    /** The certificates in PEM. */
    public static byte[] toPem(Collection<X509Certificate> certificates) {
        StringBuilder pem = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            pem.append(pemBlock("CERTIFICATE", encoded(certificate)));
        }
        return pem.toString().getBytes(StandardCharsets.US_ASCII);
    }

    static String pemBlock(String label, byte[] der) {
        return "-----BEGIN "
                + label
                + "-----\n"
                + PEM.encodeToString(der)
                + "\n-----END "
                + label
                + "-----\n";
    }

    static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was parsed has an encoding", e);
        }
    }

    /** For messages: the subject's name. */
    static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }

    /**
     * @throws CairnException {@link ErrorCode#CERTIFICATE_INVALID} if the certificate is not valid
     *     at {@code when}
     */
    static void requireValid(X509Certificate certificate, Instant when) {
        try {
            certificate.checkValidity(Date.from(when));
        } catch (CertificateException e) {
            throw new CairnException(
                    ErrorCode.CERTIFICATE_INVALID,
                    "the certificate of "
                            + name(certificate)
                            + " is valid from "
                            + certificate.getNotBefore().toInstant()
                            + " to "
                            + certificate.getNotAfter().toInstant()
                            + ", not at "
                            + when,
                    "configure a certificate that is valid now, and check this machine's clock",
                    e);
        }
    }
}

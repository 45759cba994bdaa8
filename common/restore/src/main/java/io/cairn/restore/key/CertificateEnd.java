package io.cairn.restore.key;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/**
 * When a certificate ends. Backups of before still open and verify afterwards, but no new one is
 * taken for it, or signed by it.
 *
 * @param role what it is configured for
 */
public record CertificateEnd(
        String role,
        String subject,
        String issuer,
        BigInteger serial,
        Instant notAfter,
        State state) {

    /** How long before its end it is warned. */
    public static final Duration WARNING = Duration.ofDays(30);

    /** How a certificate stands. */
    public enum State {
        VALID,
        /** It ends within {@link #WARNING}. */
        ENDING,
        ENDED
    }

    public static CertificateEnd of(String role, X509Certificate certificate, Instant now) {
        Instant notAfter = certificate.getNotAfter().toInstant();
        State state =
                now.isAfter(notAfter)
                        ? State.ENDED
                        : now.plus(WARNING).isAfter(notAfter) ? State.ENDING : State.VALID;
        return new CertificateEnd(
                role,
                certificate.getSubjectX500Principal().getName(),
                certificate.getIssuerX500Principal().getName(),
                certificate.getSerialNumber(),
                notAfter,
                state);
    }
}

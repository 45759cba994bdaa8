package io.cairn.archive.key;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.RFC4519Style;

/**
 * How a wrapped key names a recipient: the issuer and the serial number of the certificate (RFC
 * 5652, IssuerAndSerialNumber).
 *
 * @param issuer in the form of RFC 4519, whatever the certificate's encoding
 */
public record RecipientName(String issuer, BigInteger serial) {

    public static RecipientName of(X509Certificate certificate) {
        return of(
                X500Name.getInstance(certificate.getIssuerX500Principal().getEncoded()),
                certificate.getSerialNumber());
    }

    static RecipientName of(X500Name issuer, BigInteger serial) {
        return new RecipientName(
                X500Name.getInstance(RFC4519Style.INSTANCE, issuer).toString(), serial);
    }

    @Override
    public String toString() {
        return "certificate " + serial + " of " + issuer;
    }
}

package io.cairn.archive.key;

/** The kinds of key pairs that {@link CertificateAuthority} makes. */
public enum KeyAlgorithm {
    /** RSA of 3072 bits: 128 bits of security (NIST SP 800-57). */
    RSA_3072,
    /** EC on the curve P-256: 128 bits of security, smaller and faster. */
    EC_P256
}

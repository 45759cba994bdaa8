package io.cairn.executor.basebackup;

import io.cairn.archive.key.CertificateAuthority;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** An authority, a recipient and a signer. */
record TestKeys(X509Certificate anchor, Identity recipient, Identity signer, Identity manifests) {

    static TestKeys create(Instant now) {
        Instant from = now.minus(Duration.ofDays(1));
        Duration validity = Duration.ofDays(30);
        CertificateAuthority authority =
                CertificateAuthority.create("test authority", KeyAlgorithm.EC_P256, from, validity);
        return new TestKeys(
                authority.certificate(),
                authority.issueRecipient("test recipient", KeyAlgorithm.EC_P256, from, validity),
                authority.issueSigner("test signer", KeyAlgorithm.EC_P256, from, validity),
                authority.issueRecipient("test manifests", KeyAlgorithm.EC_P256, from, validity));
    }

    BackupKeys ofExecutor() {
        return new BackupKeys(
                List.of(recipient.certificate()),
                signer,
                Optional.of(manifests),
                Optional.of(anchor));
    }
}

package io.cairn.archive.key;

import io.cairn.model.Sha256;
import io.cairn.model.backup.RotationId;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Whom keys are wrapped for. */
public record Recipients(List<X509Certificate> certificates) {

    private static final int ROTATION_DIGITS = 16;

    public Recipients {
        certificates = List.copyOf(certificates);
    }

    /**
     * @param files PEM certificates
     */
    public static Recipients read(Collection<Path> files) {
        return new Recipients(files.stream().map(Certificates::read).distinct().toList());
    }

    public Set<RecipientName> names() {
        return certificates.stream().map(RecipientName::of).collect(Collectors.toUnmodifiableSet());
    }

    /** What the wraps are called that a rotation to these recipients adds. */
    public RotationId rotation() {
        MessageDigest digest = Sha256.newDigest();
        certificates.stream()
                .map(certificate -> Sha256.of(Certificates.encoded(certificate)).hex())
                .distinct()
                .sorted()
                .forEach(fingerprint -> digest.update(HexFormat.of().parseHex(fingerprint)));
        return new RotationId(Sha256.of(digest).hex().substring(0, ROTATION_DIGITS));
    }

    /** As {@link WrappedKey#wrap}. */
    public byte[] wrap(BackupKey key, Instant now) {
        return WrappedKey.wrap(key, certificates, now);
    }
}

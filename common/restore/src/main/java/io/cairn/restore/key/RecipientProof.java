package io.cairn.restore.key;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.RecipientName;
import io.cairn.archive.key.Recipients;
import io.cairn.archive.key.WrappedKey;
import io.cairn.model.ObjectKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * That what is wrapped for new recipients will open: of each of them somebody must have shown the
 * private key, now, by a trial, or before, by being a recipient from the beginning or by a
 * rotation.
 */
record RecipientProof(Recipients recipients, List<Identity> identities) {

    /** The private keys at hand that are the new recipients'. */
    List<Identity> shown() {
        return identities.stream()
                .filter(identity -> recipients.certificates().contains(identity.certificate()))
                .toList();
    }

    /**
     * @param keys of a cluster, by name, so that the oldest backup's comes first
     * @throws CairnException {@link ErrorCode#KEY_CANNOT_DECRYPT}; {@link
     *     ErrorCode#CERTIFICATE_INVALID} if nothing can be wrapped for a recipient
     */
    void requireShown(List<StoredKey> keys, List<ObjectStore> stores, Instant now) {
        BackupKey trial = BackupKey.random(new SecureRandom());
        byte[] wrapped = recipients.wrap(trial, now);
        List<X509Certificate> unseen = new ArrayList<>(recipients.certificates());
        for (Identity identity : shown()) {
            if (!WrappedKey.unwrap(wrapped, identity, "a trial wrap").isSameAs(trial)) {
                throw notShown(identity.certificate());
            }
            unseen.remove(identity.certificate());
        }
        if (shown().isEmpty()) {
            throw notShown(unseen.getFirst());
        }
        if (!unseen.isEmpty() && !keys.isEmpty()) {
            Set<RecipientName> known = recipientsOf(keys.getFirst(), stores);
            unseen.removeIf(certificate -> known.contains(RecipientName.of(certificate)));
        }
        if (!unseen.isEmpty()) {
            throw notShown(unseen.getFirst());
        }
    }

    /**
     * Of the oldest key alone: newer ones may be wrapped already for whom executors were configured
     * a minute ago.
     */
    private static Set<RecipientName> recipientsOf(StoredKey oldest, List<ObjectStore> stores) {
        Set<RecipientName> names = new HashSet<>();
        for (ObjectStore store : stores) {
            for (ObjectKey wrap : oldest.in(store.name())) {
                byte[] bytes = store.read(wrap, BackupWraps.BYTES_MAX);
                names.addAll(WrappedKey.recipients(bytes, wrap.value()));
            }
        }
        return names;
    }

    private static CairnException notShown(X509Certificate certificate) {
        return new CairnException(
                ErrorCode.KEY_CANNOT_DECRYPT,
                "nobody has shown the private key of the recipient "
                        + certificate.getSubjectX500Principal().getName()
                        + ", so nothing was changed",
                "give its PKCS#12 file with --proof-identity, or leave it out of keys.recipients");
    }
}

package io.cairn.restore.wal;

import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import io.cairn.storage.ObjectInfo;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/** What a stored WAL object carries as user metadata. */
public final class WalMetadata {

    /** Digest of the WAL bytes in it, hexadecimal. */
    public static final String PLAIN_SHA256 = "plain-sha256";

    /**
     * The server's send time of the newest message up to whose position everything is stored with
     * it, ISO 8601.
     */
    public static final String SENT_AT = "sent-at";

    private WalMetadata() {}

    static Optional<Sha256> plainSha256(ObjectInfo info) {
        try {
            return Optional.ofNullable(info.metadata().get(PLAIN_SHA256)).map(Sha256::new);
        } catch (CairnException _) {
            // Not a digest: as good as none.
            return Optional.empty();
        }
    }

    static Optional<Instant> sentAt(ObjectInfo info) {
        try {
            return Optional.ofNullable(info.metadata().get(SENT_AT)).map(Instant::parse);
        } catch (DateTimeException _) {
            // Not a time: as good as none.
            return Optional.empty();
        }
    }
}

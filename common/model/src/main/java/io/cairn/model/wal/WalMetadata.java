package io.cairn.model.wal;

import io.cairn.model.Sha256;
import io.cairn.model.error.CairnException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What an object under {@code wal/} or {@code pieces/} carries as user metadata. */
public final class WalMetadata {

    /** Digest of the WAL bytes in it, hexadecimal: which WAL it is. */
    public static final String PLAIN_SHA256 = "plain-sha256";

    /**
     * The server's send time of the newest message up to whose position everything is stored with
     * it, ISO 8601.
     */
    public static final String SENT_AT = "sent-at";

    /** Id of the stream session's key that opens it, 32 lower-case hexadecimal digits. */
    public static final String KEY_ID = "key-id";

    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    private WalMetadata() {}

    /** Empty also for what is no digest. */
    public static Optional<Sha256> plainSha256(Map<String, String> metadata) {
        try {
            return Optional.ofNullable(metadata.get(PLAIN_SHA256)).map(Sha256::new);
        } catch (CairnException _) {
            return Optional.empty();
        }
    }

    /** Empty also for what is no id: an object that an older release stored. */
    public static Optional<String> keyId(Map<String, String> metadata) {
        return Optional.ofNullable(metadata.get(KEY_ID)).filter(id -> ID.matcher(id).matches());
    }

    /** Empty also for what is no time. */
    public static Optional<Instant> sentAt(Map<String, String> metadata) {
        try {
            return Optional.ofNullable(metadata.get(SENT_AT)).map(Instant::parse);
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }
}

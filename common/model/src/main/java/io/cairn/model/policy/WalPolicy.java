package io.cairn.model.policy;

import io.cairn.model.Tier;
import java.time.Duration;

/**
 * How soon a tier's WAL is stored.
 *
 * @param pieceAfter WAL that no whole segment carries yet is stored as a piece when its oldest byte
 *     is this old, 100 ms to 1 d
 * @param pieceBytes and when it is this much, 64 KiB to 1 GiB; at least a segment's size means: by
 *     time only, since every piece is stored again with its segment
 * @param synchronous whether any WAL at all is stored at once, so that a commit that waits for the
 *     stream has to wait for one PUT; {@code pieceAfter} and {@code pieceBytes} do not matter then
 */
public record WalPolicy(Duration pieceAfter, long pieceBytes, boolean synchronous) {

    public static final Duration PIECE_AFTER_MIN = Duration.ofMillis(100);
    public static final Duration PIECE_AFTER_MAX = Duration.ofDays(1);
    public static final long PIECE_BYTES_MIN = 64L << 10;
    public static final long PIECE_BYTES_DEFAULT = 16L << 20;
    public static final long PIECE_BYTES_MAX = 1L << 30;

    public WalPolicy {
        if (pieceAfter.compareTo(PIECE_AFTER_MIN) < 0
                || pieceAfter.compareTo(PIECE_AFTER_MAX) > 0) {
            throw new IllegalArgumentException("after must be 100 ms to 1 d");
        }
        if (pieceBytes < PIECE_BYTES_MIN || pieceBytes > PIECE_BYTES_MAX) {
            throw new IllegalArgumentException("bytes must be 64 KiB to 1 GiB");
        }
    }

    /** What holds for a tier where nothing else is configured. */
    public static WalPolicy of(Tier tier) {
        Duration after =
                switch (tier) {
                    case OLTP, QUEUE -> Duration.ofSeconds(10);
                    case CONTENT -> Duration.ofSeconds(60);
                    case OLAP -> Duration.ofMinutes(15);
                };
        return new WalPolicy(after, PIECE_BYTES_DEFAULT, tier == Tier.QUEUE);
    }
}

package io.cairn.model.wal;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import java.util.Optional;
import java.util.regex.Matcher;

/**
 * What the key of an object under {@code wal/} or {@code pieces/} says it holds; the reading side
 * of {@link WalLayout}.
 */
public sealed interface StoredWal {

    ObjectKey key();

    Timeline timeline();

    /** Set where the object lies in a diverged folder, {@code <timeline>~<key id>}. */
    Optional<String> divergence();

    /**
     * @param name 24 hexadecimal digits; {@link WalSegment#parse} places it, given the size
     */
    record Segment(ObjectKey key, Timeline timeline, Optional<String> divergence, String name)
            implements StoredWal {}

    /**
     * @param name of the segment that begins the same way and ends at the fork
     */
    record Partial(ObjectKey key, Timeline timeline, Optional<String> divergence, String name)
            implements StoredWal {}

    record History(ObjectKey key, Timeline timeline, Optional<String> divergence)
            implements StoredWal {}

    record Piece(ObjectKey key, Timeline timeline, Optional<String> divergence, LsnRange range)
            implements StoredWal {}

    /** Empty for a key that is none of them. */
    static Optional<StoredWal> of(ObjectKey key) {
        Matcher matcher = StoredWalKey.SHAPE.matcher(key.value());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Timeline timeline = new Timeline(Integer.parseUnsignedInt(matcher.group("timeline"), 16));
        Optional<String> divergence = Optional.ofNullable(matcher.group("divergence"));
        if (matcher.group("history") != null) {
            return Optional.of(new History(key, timeline, divergence));
        }
        if (matcher.group("segment") != null) {
            String name = matcher.group("segment");
            return Optional.of(
                    matcher.group("partial") == null
                            ? new Segment(key, timeline, divergence, name)
                            : new Partial(key, timeline, divergence, name));
        }
        Lsn start = new Lsn(Long.parseUnsignedLong(matcher.group("start"), 16));
        Lsn end = new Lsn(Long.parseUnsignedLong(matcher.group("end"), 16));
        return start.compareTo(end) < 0
                ? Optional.of(new Piece(key, timeline, divergence, new LsnRange(start, end)))
                : Optional.empty();
    }
}

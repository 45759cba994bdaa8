package io.cairn.model.wal;

import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where one timeline's WAL lies: in the timeline's own folders, or where other bytes were found
 * under the same name, in those of the divergence.
 *
 * @param divergence id of the key whose session found it, 32 lower-case hexadecimal digits
 */
public record WalFolder(WalLayout layout, Timeline timeline, Optional<String> divergence) {

    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    public WalFolder {
        if (divergence.filter(id -> !ID.matcher(id).matches()).isPresent()) {
            throw new IllegalArgumentException("'" + divergence.get() + "' is no key's id");
        }
    }

    public static WalFolder of(WalLayout layout, Timeline timeline) {
        return new WalFolder(layout, timeline, Optional.empty());
    }

    /** The folder of the same timeline for what differs. */
    public WalFolder diverged(String id) {
        return new WalFolder(layout, timeline, Optional.of(id));
    }

    public String walPrefix() {
        return layout.walPrefix() + name() + "/";
    }

    public String piecesPrefix() {
        return layout.piecesPrefix() + name() + "/";
    }

    private String name() {
        return timeline.hex() + divergence.map("~"::concat).orElse("");
    }

    public ObjectKey segment(WalSegment segment) {
        return new ObjectKey(walPrefix() + segment.name() + WalLayout.SEALED);
    }

    public ObjectKey partial(WalSegment segment) {
        return new ObjectKey(walPrefix() + segment.name() + WalLayout.PARTIAL);
    }

    public ObjectKey history() {
        return new ObjectKey(walPrefix() + timeline.hex() + WalLayout.HISTORY);
    }

    public ObjectKey piece(LsnRange range) {
        return new ObjectKey(
                piecesPrefix()
                        + WalLayout.hex(range.start())
                        + "-"
                        + WalLayout.hex(range.end())
                        + WalLayout.SEALED);
    }
}

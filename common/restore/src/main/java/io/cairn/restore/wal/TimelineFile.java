package io.cairn.restore.wal;

import io.cairn.model.Timeline;

/**
 * A timeline's history file.
 *
 * @param bytes as the server wrote it; not copied
 */
public record TimelineFile(Timeline timeline, byte[] bytes) {

    public String name() {
        return timeline.hex() + ".history";
    }

    public TimelineHistory history() {
        return TimelineHistory.parse(timeline, bytes, name());
    }
}

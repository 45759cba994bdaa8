package io.cairn.restore.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a timeline comes from, as its history file tells: one line for each timeline before it,
 * with the position at which that one was left.
 *
 * @param timeline whose history it is
 * @param forks oldest first; empty for the first timeline
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES">Timelines</a>
 */
public record TimelineHistory(Timeline timeline, List<Fork> forks) {

    private static final Pattern LINE =
            Pattern.compile("\\s*(\\d+)\\s+([0-9A-Fa-f]+/[0-9A-Fa-f]+)(\\s.*)?");

    /**
     * @param parent the timeline that was left
     * @param position the first byte that is no longer of it
     */
    public record Fork(Timeline parent, Lsn position) {}

    public TimelineHistory {
        forks = List.copyOf(forks);
    }

    /** Of a timeline that begins with the cluster. */
    public static TimelineHistory none(Timeline timeline) {
        return new TimelineHistory(timeline, List.of());
    }

    /**
     * Reads a history file.
     *
     * @param name of the object, for errors
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if it is none
     */
    public static TimelineHistory parse(Timeline timeline, byte[] file, String name) {
        List<Fork> forks = new ArrayList<>();
        for (String line : new String(file, StandardCharsets.UTF_8).lines().toList()) {
            if (line.isBlank() || line.strip().startsWith("#")) {
                continue;
            }
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw invalid(timeline, name);
            }
            forks.add(
                    new Fork(
                            new Timeline(Integer.parseInt(matcher.group(1))),
                            Lsn.parse(matcher.group(2))));
        }
        requireOrder(timeline, forks, name);
        return new TimelineHistory(timeline, forks);
    }

    private static void requireOrder(Timeline timeline, List<Fork> forks, String name) {
        for (int i = 0; i < forks.size(); i++) {
            Timeline next = i + 1 < forks.size() ? forks.get(i + 1).parent() : timeline;
            boolean rising =
                    forks.get(i).parent().compareTo(next) < 0
                            && (i == 0
                                    || forks.get(i - 1)
                                                    .position()
                                                    .compareTo(forks.get(i).position())
                                            <= 0);
            if (!rising) {
                throw invalid(timeline, name);
            }
        }
    }

    private static CairnException invalid(Timeline timeline, String name) {
        return new CairnException(
                ErrorCode.ARCHIVE_CORRUPT,
                name + " is not the history of timeline " + timeline,
                "use another store's copy of it");
    }
}

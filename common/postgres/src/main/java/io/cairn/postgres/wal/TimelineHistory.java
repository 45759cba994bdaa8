package io.cairn.postgres.wal;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.connection.ReplicationWire;
import io.cairn.postgres.connection.ServerConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which timelines led to one, and where each was left: the content of a timeline history file.
 *
 * <pre>
 * file = *( line LF )
 * line = parent timeline (decimal), switch point (LSN), reason; separated by white space
 *      | "#" comment | empty
 * </pre>
 *
 * <p>Immutable.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES">Timelines</a>
 */
public final class TimelineHistory {

    /**
     * A timeline was left for the next of this list, or for the history's own.
     *
     * @param switchPoint the first byte that the next timeline has of its own
     */
    public record Fork(Timeline timeline, Lsn switchPoint) {}

    /** As the server reads them: what follows the position is for people. */
    private static final Pattern LINE =
            Pattern.compile("\\s*(\\d{1,10})\\s+([0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8})(\\s.*)?");

    private static final Pattern IGNORED = Pattern.compile("\\s*(#.*)?");

    private static final Lsn BEGINNING = new Lsn(0);

    private final Timeline timeline;
    private final List<Fork> forks;
    private final byte[] content;

    private TimelineHistory(Timeline timeline, List<Fork> forks, byte[] content) {
        this.timeline = timeline;
        this.forks = List.copyOf(forks);
        this.content = content;
    }

    /**
     * Asks a server, which must have the timeline in its own history. Timeline 1 has no file: its
     * history is empty.
     */
    public static TimelineHistory fetch(ServerConnection session, Timeline timeline) {
        if (timeline.id() == 1) {
            return parse(timeline, new byte[0]);
        }
        ReplicationWire wire = session.wire();
        wire.query("TIMELINE_HISTORY " + timeline);
        List<List<byte @Nullable []>> rows = wire.binaryResultSet();
        wire.awaitReady();
        byte[] content = rows.getFirst().get(1);
        if (content == null) {
            throw CairnException.bug("the history of timeline " + timeline + " is null");
        }
        return parse(timeline, content);
    }

    /**
     * @param content of {@code <timeline>.history}
     * @throws CairnException {@link ErrorCode#ARCHIVE_CORRUPT} if the server would not read it
     */
    public static TimelineHistory parse(Timeline timeline, byte[] content) {
        List<Fork> forks = new ArrayList<>();
        // A byte is a character, so that a reason in any encoding can be read past.
        new String(content, StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> !IGNORED.matcher(line).matches())
                .forEach(line -> forks.add(fork(timeline, line)));
        requireOrder(timeline, forks);
        return new TimelineHistory(timeline, forks, content.clone());
    }

    private static Fork fork(Timeline timeline, String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw corrupt(timeline, "a line is not a timeline and an LSN");
        }
        long id = Long.parseLong(matcher.group(1));
        if (id < 1 || id > Integer.MAX_VALUE) {
            throw corrupt(timeline, id + " is not a timeline");
        }
        return new Fork(new Timeline((int) id), Lsn.parse(matcher.group(2)));
    }

    private static void requireOrder(Timeline timeline, List<Fork> forks) {
        Optional<Fork> before = Optional.empty();
        for (Fork fork : forks) {
            boolean ascends =
                    before.isEmpty()
                            || (before.get().timeline().compareTo(fork.timeline()) < 0
                                    && before.get().switchPoint().compareTo(fork.switchPoint())
                                            <= 0);
            if (!ascends || fork.timeline().compareTo(timeline) >= 0) {
                throw corrupt(timeline, "timeline " + fork.timeline() + " is out of order");
            }
            before = Optional.of(fork);
        }
    }

    private static CairnException corrupt(Timeline timeline, String what) {
        return new CairnException(
                ErrorCode.ARCHIVE_CORRUPT,
                "the history file of timeline " + timeline + " cannot be read: " + what,
                "compare it with " + timeline.hex() + ".history in the server's pg_wal");
    }

    public Timeline timeline() {
        return timeline;
    }

    /** The timelines before it, oldest first. */
    public List<Fork> forks() {
        return forks;
    }

    /** The file, byte for byte; empty for timeline 1. */
    public byte[] content() {
        return content.clone();
    }

    /** Whether it led to this history's timeline, or is that. */
    public boolean contains(Timeline other) {
        return other.equals(timeline) || switchPoint(other).isPresent();
    }

    /** Where the timeline was left; empty for the history's own and for one that is not in it. */
    public Optional<Lsn> switchPoint(Timeline other) {
        return forks.stream()
                .filter(fork -> fork.timeline().equals(other))
                .map(Fork::switchPoint)
                .findAny();
    }

    /** The timeline whose WAL has the byte at {@code position}. */
    public Timeline holding(Lsn position) {
        return from(position).getFirst();
    }

    /** Those that have WAL from {@code position} on, oldest first; at least the history's own. */
    public List<Timeline> from(Lsn position) {
        return Stream.concat(
                        forks.stream()
                                .filter(fork -> position.compareTo(fork.switchPoint()) < 0)
                                .map(Fork::timeline),
                        Stream.of(timeline))
                .toList();
    }

    /**
     * Whether who has read {@code other} up to before {@code position} can go on in this history:
     * the timeline is in it, and was not left before that.
     */
    public boolean continues(Timeline other, Lsn position) {
        return contains(other)
                && position.compareTo(begin(other)) >= 0
                && switchPoint(other).filter(left -> left.compareTo(position) < 0).isEmpty();
    }

    /** The first byte that the timeline has of its own, or 0/0. */
    private Lsn begin(Timeline other) {
        Lsn begin = BEGINNING;
        for (Fork fork : forks) {
            if (fork.timeline().equals(other)) {
                return begin;
            }
            begin = fork.switchPoint();
        }
        return begin;
    }

    @Override
    public String toString() {
        return "history of timeline " + timeline + " " + forks;
    }
}

package io.cairn.model.record;

import io.cairn.model.BasicTime;
import io.cairn.model.Json;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.LsnRange;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which of a cluster's stored WAL is still wanted, {@code records/expired-wal/<at>.json}. It is in
 * every store before any loses WAL. The newest one counts: what it does not want is never copied to
 * a store again.
 *
 * @param at when it was decided, to the second
 * @param plan digest of the plan that it followed
 * @param timelines those that were known; of another one everything is wanted
 */
public record ExpiredWal(Instant at, Sha256 plan, List<Kept> timelines) {

    /** No such record is longer by far. */
    public static final int BYTES_MAX = 1 << 20;

    private static final String WHAT = "expired-wal/";
    private static final String SUFFIX = ".json";

    public ExpiredWal {
        at = at.truncatedTo(ChronoUnit.SECONDS);
        timelines = timelines.stream().sorted(Comparator.comparing(Kept::timeline)).toList();
    }

    /**
     * What is wanted of one timeline.
     *
     * @param wanted nothing if empty
     */
    public record Kept(Timeline timeline, List<Wanted> wanted) {

        public Kept {
            wanted = wanted.stream().sorted(Comparator.comparing(Wanted::from)).toList();
        }
    }

    /**
     * @param to the byte behind the last; absent: all that there is and will be
     */
    public record Wanted(Lsn from, Optional<Lsn> to) {

        public Wanted {
            if (to.filter(end -> end.compareTo(from) <= 0).isPresent()) {
                throw new IllegalArgumentException("WAL from " + from + " to " + to + " is empty");
            }
        }

        /** Whether any byte of {@code range} is wanted. */
        public boolean touches(LsnRange range) {
            return range.end().compareTo(from) > 0
                    && to.filter(end -> end.compareTo(range.start()) <= 0).isEmpty();
        }
    }

    /** Whether an object with these bytes of a timeline is to be kept. */
    public boolean wants(Timeline timeline, LsnRange range) {
        return timelines.stream()
                .filter(kept -> kept.timeline().equals(timeline))
                .findFirst()
                .map(kept -> kept.wanted().stream().anyMatch(wanted -> wanted.touches(range)))
                .orElse(true);
    }

    /** Where the records of a cluster lie, oldest first. */
    public static String prefix(ClusterRoot root) {
        return root.recordsPrefix() + WHAT;
    }

    public ObjectKey key(ClusterRoot root) {
        return new ObjectKey(prefix(root) + BasicTime.format(at) + SUFFIX);
    }

    /** The one that counts, of the keys that a listing shows. */
    public static Optional<ObjectKey> newest(ClusterRoot root, Collection<ObjectKey> keys) {
        return keys.stream().filter(key -> isRecord(root, key)).max(Comparator.naturalOrder());
    }

    /** When a record was decided on, as its key says. */
    public static Instant at(ClusterRoot root, ObjectKey key) {
        String name = key.value().substring(prefix(root).length());
        return BasicTime.parse(name.substring(0, name.length() - SUFFIX.length()));
    }

    private static boolean isRecord(ClusterRoot root, ObjectKey key) {
        if (!key.value().startsWith(prefix(root)) || !key.value().endsWith(SUFFIX)) {
            return false;
        }
        try {
            at(root, key);
            return true;
        } catch (DateTimeParseException _) {
            return false;
        }
    }

    public byte[] toJson() {
        return Json.writeIndented(this);
    }

    /**
     * @throws CairnException {@link ErrorCode#RECORD_INVALID}
     */
    public static ExpiredWal fromJson(byte[] json, String whence) {
        return RecordJson.read(json, ExpiredWal.class, whence);
    }
}

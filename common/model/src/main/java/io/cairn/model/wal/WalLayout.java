package io.cairn.model.wal;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;

/**
 * The keys of a cluster's stored WAL, relative to {@link ClusterRoot#prefix()}:
 *
 * <pre>
 * wal/&lt;timeline&gt;/&lt;segment&gt;.gz.cms                  a whole segment
 * wal/&lt;timeline&gt;/&lt;segment&gt;.partial.gz.cms          the last one before a fork, up to the fork
 * wal/&lt;timeline&gt;/&lt;timeline&gt;.history.gz.cms         timeline history file
 * pieces/&lt;timeline&gt;/&lt;start&gt;-&lt;end&gt;.gz.cms           bytes between segment ends; pieces may overlap
 * keys/wal/&lt;timeline&gt;/&lt;start&gt;-&lt;key id&gt;.cms         a stream session's key, wrapped
 * keys/wal/&lt;timeline&gt;/&lt;start&gt;-&lt;key id&gt;.&lt;rotation&gt;.cms   the same key, wrapped for others
 *
 * timeline = 8HEXDIG                  start, end = 16HEXDIG, an LSN
 * segment  = 24HEXDIG                 key id = 32HEXDIG in lower case; the CMS messages name it
 * </pre>
 *
 * <p>Where a segment or piece of the same name has other bytes, the timeline's folder is {@code
 * <timeline>~<key id>} from there on: both are kept.
 *
 * <p>A listing in the order of the keys is in the order of the WAL.
 */
public record WalLayout(ClusterRoot root) {

    /** Ends every object of this layout but the keys. */
    public static final String SEALED = ".gz.cms";

    public static final String PARTIAL = ".partial" + SEALED;
    public static final String HISTORY = ".history" + SEALED;

    /** Of all timelines. */
    public String walPrefix() {
        return root.prefix() + "wal/";
    }

    /** Of all timelines. */
    public String piecesPrefix() {
        return root.prefix() + "pieces/";
    }

    /** Of all timelines. */
    public String keysPrefix() {
        return root.keysPrefix() + "wal/";
    }

    public String walPrefix(Timeline timeline) {
        return folder(timeline).walPrefix();
    }

    public String piecesPrefix(Timeline timeline) {
        return folder(timeline).piecesPrefix();
    }

    public ObjectKey segment(WalSegment segment) {
        return folder(segment.timeline()).segment(segment);
    }

    public ObjectKey partial(WalSegment segment) {
        return folder(segment.timeline()).partial(segment);
    }

    public ObjectKey history(Timeline timeline) {
        return folder(timeline).history();
    }

    public ObjectKey piece(Timeline timeline, LsnRange range) {
        return folder(timeline).piece(range);
    }

    /**
     * From where to list a timeline's segments from that one on: what begins with the name is
     * greater than the name itself.
     */
    public ObjectKey before(WalSegment segment) {
        return new ObjectKey(walPrefix(segment.timeline()) + segment.name());
    }

    /** From where to list a timeline's pieces from those of that segment on. */
    public ObjectKey beforePieces(WalSegment segment) {
        return new ObjectKey(piecesPrefix(segment.timeline()) + hex(segment.start()));
    }

    private WalFolder folder(Timeline timeline) {
        return WalFolder.of(this, timeline);
    }

    /**
     * @param keyId 32 lower-case hexadecimal digits
     */
    public ObjectKey wrappedKey(Timeline timeline, Lsn start, String keyId) {
        return new ObjectKey(
                keysPrefix() + timeline.hex() + "/" + hex(start) + "-" + keyId + ".cms");
    }

    /** Whether a wrap of a stream session's key lies there. */
    public boolean isWrappedKey(ObjectKey key) {
        String prefix = keysPrefix();
        return key.value().startsWith(prefix)
                && StoredWalKey.WRAPPED_KEY
                        .matcher(key.value().substring(prefix.length()))
                        .matches();
    }

    static String hex(Lsn position) {
        return "%016X".formatted(position.bits());
    }
}

package io.cairn.model.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalLayoutTest {

    private static final String PREFIX = "shop/7350000000000000001/";
    private static final Timeline TEN = new Timeline(10);

    private final WalLayout layout =
            new WalLayout(
                    new ClusterRoot(
                            new ClusterName("shop"),
                            SystemIdentifier.parse("7350000000000000001")));
    private final WalSegment segment =
            WalSegment.containing(TEN, Lsn.parse("16/B374D848"), SegmentSize.DEFAULT);

    @Test
    void namesWhatItStores() {
        assertThat(layout.segment(segment).value())
                .isEqualTo(PREFIX + "wal/0000000A/0000000A00000016000000B3.gz.cms");
        assertThat(layout.partial(segment).value())
                .isEqualTo(PREFIX + "wal/0000000A/0000000A00000016000000B3.partial.gz.cms");
        assertThat(layout.history(TEN).value())
                .isEqualTo(PREFIX + "wal/0000000A/0000000A.history.gz.cms");
        assertThat(layout.piece(TEN, range()).value())
                .isEqualTo(PREFIX + "pieces/0000000A/00000016B374D848-00000016B3800000.gz.cms");
        assertThat(layout.wrappedKey(TEN, range().start(), "0123456789abcdef0123456789abcdef"))
                .hasToString(
                        PREFIX
                                + "keys/wal/0000000A/00000016B374D848-0123456789abcdef0123456789abcdef.cms");
    }

    @Test
    void isReadBackFromTheKeys() {
        assertThat(StoredWal.of(layout.segment(segment)))
                .contains(
                        new StoredWal.Segment(
                                layout.segment(segment), TEN, Optional.empty(), segment.name()));
        assertThat(StoredWal.of(layout.partial(segment)))
                .contains(
                        new StoredWal.Partial(
                                layout.partial(segment), TEN, Optional.empty(), segment.name()));
        assertThat(StoredWal.of(layout.history(TEN)))
                .contains(new StoredWal.History(layout.history(TEN), TEN, Optional.empty()));
        assertThat(StoredWal.of(layout.piece(TEN, range())))
                .contains(
                        new StoredWal.Piece(
                                layout.piece(TEN, range()), TEN, Optional.empty(), range()));
    }

    @Test
    void knowsTheKeysOfSessions() {
        String id = "0123456789abcdef0123456789abcdef";
        String key = "0000000A/00000016B374D848-" + id + ".cms";

        assertThat(layout.isWrappedKey(layout.wrappedKey(TEN, range().start(), id))).isTrue();
        assertThat(layout.isWrappedKey(new ObjectKey(layout.keysPrefix() + key))).isTrue();
        assertThat(layout.isWrappedKey(new ObjectKey(layout.walPrefix() + key))).isFalse();
        assertThat(layout.isWrappedKey(new ObjectKey(layout.keysPrefix() + "readme"))).isFalse();
        assertThat(layout.isWrappedKey(new ObjectKey(layout.keysPrefix() + "x/" + key))).isFalse();
        assertThat(layout.isWrappedKey(layout.segment(segment))).isFalse();
    }

    @Test
    void tellsADivergedFolder() {
        ObjectKey key =
                new ObjectKey(
                        PREFIX
                                + "wal/0000000A~0123456789abcdef0123456789abcdef/0000000A00000016000000B3.gz.cms");
        assertThat(StoredWal.of(key).flatMap(StoredWal::divergence))
                .contains("0123456789abcdef0123456789abcdef");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wal/0000000A/0000000A00000016000000B3",
                "wal/0000000A/0000000A00000016000000B3.tmp.gz.cms",
                "wal/00000000/0000000A.history.gz.cms",
                "pieces/0000000A/0000000A00000016000000B3.gz.cms",
                "wal/0000000A/00000016B374D848-00000016B3800000.gz.cms",
                "pieces/0000000A/00000016B3800000-00000016B374D848.gz.cms",
                "backups/20261122T020000Z-F/backup.json"
            })
    void knowsNothingOfOtherKeys(String name) {
        assertThat(StoredWal.of(new ObjectKey(PREFIX + name))).isEmpty();
    }

    private static LsnRange range() {
        return new LsnRange(Lsn.parse("16/B374D848"), Lsn.parse("16/B3800000"));
    }
}

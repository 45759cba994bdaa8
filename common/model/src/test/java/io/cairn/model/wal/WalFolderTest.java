package io.cairn.model.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WalFolderTest {

    private static final Timeline TEN = new Timeline(10);
    private static final String ID = "0123456789abcdef0123456789abcdef";
    private static final LsnRange RANGE =
            new LsnRange(Lsn.parse("16/B374D848"), Lsn.parse("16/B3800000"));

    private final WalLayout layout =
            new WalLayout(
                    new ClusterRoot(
                            new ClusterName("shop"),
                            SystemIdentifier.parse("7350000000000000001")));
    private final WalSegment segment =
            WalSegment.containing(TEN, RANGE.start(), SegmentSize.DEFAULT);
    private final WalFolder own = WalFolder.of(layout, TEN);
    private final WalFolder diverged = own.diverged(ID);

    @Test
    void aTimelinesOwnFolderIsTheLayouts() {
        assertThat(own.walPrefix()).isEqualTo(layout.walPrefix(TEN));
        assertThat(own.piecesPrefix()).isEqualTo(layout.piecesPrefix(TEN));
        assertThat(own.segment(segment)).isEqualTo(layout.segment(segment));
        assertThat(own.partial(segment)).isEqualTo(layout.partial(segment));
        assertThat(own.history()).isEqualTo(layout.history(TEN));
        assertThat(own.piece(RANGE)).isEqualTo(layout.piece(TEN, RANGE));
    }

    @Test
    void whatDivergesIsReadBackWithItsFolder() {
        assertThat(StoredWal.of(diverged.segment(segment)))
                .contains(
                        new StoredWal.Segment(
                                diverged.segment(segment), TEN, Optional.of(ID), segment.name()));
        assertThat(StoredWal.of(diverged.piece(RANGE)))
                .contains(new StoredWal.Piece(diverged.piece(RANGE), TEN, Optional.of(ID), RANGE));
        assertThat(StoredWal.of(diverged.history()))
                .contains(new StoredWal.History(diverged.history(), TEN, Optional.of(ID)));
    }

    @Test
    void anIdThatIsNoKeysIsRefused() {
        assertThatThrownBy(() -> own.diverged("x")).isInstanceOf(IllegalArgumentException.class);
    }
}

package io.cairn.restore.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WalInventoryTest {

    private static final SegmentSize SIZE = SegmentSize.DEFAULT;
    private static final Timeline FIRST = new Timeline(1);
    private static final ClusterRoot ROOT =
            new ClusterRoot(new ClusterName("shop"), SystemIdentifier.parse("7412345678901234567"));

    private final FakeObjectStore store = FakeObjectStore.plain("primary");

    /** Three segments and two pieces. */
    @BeforeEach
    void fill() {
        WalLayout layout = new WalLayout(ROOT);
        for (String start : List.of("0/1000000", "0/2000000", "0/3000000")) {
            put(layout.segment(WalSegment.containing(FIRST, Lsn.parse(start), SIZE)));
        }
        put(layout.piece(FIRST, range("0/3FFFF00", "0/4000000")));
        put(layout.piece(FIRST, range("0/4000000", "0/4000200")));
    }

    private void put(ObjectKey key) {
        store.putIfAbsent(key, ObjectBody.of(new byte[1])).orThrow();
    }

    private static LsnRange range(String start, String end) {
        return new LsnRange(Lsn.parse(start), Lsn.parse(end));
    }

    @Test
    void moreObjectsThanAllowedAreNotListed() {
        assertThat(WalInventory.listAtMost(ROOT, SIZE, store, 4)).isEmpty();
        assertThat(WalInventory.listAtMost(ROOT, SIZE, store, 2)).isEmpty();
        assertThat(WalInventory.listAtMost(ROOT, SIZE, store, 5))
                .hasValueSatisfying(found ->
                        assertThat(found.timeline(FIRST).ranges())
                                .containsExactly(range("0/1000000", "0/4000200")));
    }

    @Test
    void whatEndsBeforeThePositionsSegmentIsNotListed() {
        WalInventory found =
                WalInventory.listFrom(
                        ROOT,
                        SIZE,
                        List.of(store),
                        TimelineHistory.parse(FIRST, new byte[0]),
                        Lsn.parse("0/3000010"));

        assertThat(found.timeline(FIRST).ranges()).containsExactly(range("0/3000000", "0/4000200"));
    }
}

package io.cairn.replication.wal;

import static io.cairn.replication.TestWal.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.wal.WalFolder;
import io.cairn.replication.StoredBackup;
import io.cairn.replication.TestWal;
import io.cairn.replication.copy.CopyMeters;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.route.StorePair;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RootCopiesTest {

    private static final TestWal WAL = TestWal.of("shop");
    private static final WalFolder FOLDER = WAL.folder();

    private Instant now = Instant.parse("2026-11-22T03:00:00Z");
    private final FakeObjectStore primary = FakeObjectStore.locking("primary", () -> now);
    private final FakeObjectStore secondary = FakeObjectStore.locking("secondary", () -> now);
    private final StorePair pair =
            new StorePair(WAL.cluster(), Tier.OLTP, primary.name(), secondary.name());
    private final RootCopies copies =
            new RootCopies(
                    pair,
                    WAL.layout().root(),
                    new RootCopies.Ways(way(primary), way(secondary), 1),
                    new LagTracker(),
                    () -> now);

    @Test
    void afterAnOutageTheWalBehindTheNewestFullComesFirst() throws Exception {
        // It begins in segment 2.
        StoredBackup.of("shop", "20261122T020000Z-F").putInto(primary);
        IntStream.rangeClosed(1, 12)
                .forEach(number -> WAL.putSegment(primary, number, "segment " + number));

        copies.run();

        List<ObjectKey> copied =
                secondary.calls().stream()
                        .filter(call -> call.method().equals("putIfAbsent"))
                        .map(call -> new ObjectKey(call.key()))
                        .toList();
        assertThat(copied).hasSize(12);
        assertThat(copied.getFirst()).isEqualTo(FOLDER.segment(segment(2)));
        assertThat(copied.getLast()).isEqualTo(FOLDER.segment(segment(1)));
        assertThat(copied.subList(0, 11)).isSorted();
    }

    @Test
    void whatRetentionGaveUpIsNotCopiedBackAndEverythingElseIs() throws Exception {
        StoredBackup.of("shop", "20261122T020000Z-F").putInto(primary);
        WAL.putSegment(primary, 1, "one");
        WAL.putSegment(primary, 2, "two");
        now = now.plus(Duration.ofDays(30));
        WAL.putSegment(primary, 3, "three");
        ExpiredWal expired =
                new ExpiredWal(
                        now,
                        Sha256.of(new byte[] {1}),
                        List.of(
                                new ExpiredWal.Kept(
                                        new Timeline(1),
                                        List.of(
                                                new ExpiredWal.Wanted(
                                                        Lsn.parse("0/2000000"),
                                                        Optional.empty())))));
        secondary.putIfAbsent(expired.key(WAL.layout().root()), ObjectBody.of(expired.toJson()));

        copies.run();

        assertThat(secondary.keys())
                .contains(FOLDER.segment(segment(2)), FOLDER.segment(segment(3)))
                .doesNotContain(FOLDER.segment(segment(1)));
    }

    private static RootCopies.Way way(FakeObjectStore store) {
        return new RootCopies.Way(
                new WalObjects(store, 1), new CopyMeters(new SimpleMeterRegistry(), store.name()));
    }
}

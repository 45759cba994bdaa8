package io.cairn.replication.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.replication.StoredBackup;
import io.cairn.storage.FakeObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BacklogTest {

    private static final Instant NOW = Instant.parse("2026-11-22T02:01:00Z");

    private final List<Hint> older = hints("20261121T020000Z-F");
    private final List<Hint> newer = hints("20261122T020000Z-F");

    @Test
    void givesTheNewestBackupFirstAndItsPartsInTheOrderTheyWereStored() throws Exception {
        Backlog backlog = new Backlog(100);
        older.forEach(backlog::add);
        newer.reversed().forEach(backlog::add);

        List<Hint> taken = new ArrayList<>();
        while (backlog.size() > 0) {
            taken.add(backlog.take());
        }

        List<Hint> expected = new ArrayList<>(newer);
        expected.addAll(older);
        assertThat(taken).isEqualTo(expected);
    }

    @Test
    void letsTheLeastUrgentGoWhereThereIsNoRoom() {
        Backlog backlog = new Backlog(newer.size());
        older.forEach(hint -> assertThat(backlog.add(hint)).isEmpty());

        assertThat(backlog.add(newer.getFirst())).contains(older.getLast());
        newer.stream().skip(1).forEach(backlog::add);
        assertThat(backlog.add(older.getFirst())).contains(older.getFirst());
        assertThat(backlog.size()).isEqualTo(newer.size());
    }

    @Test
    void forgetsTheHintsOfARun() {
        Backlog backlog = new Backlog(100);
        older.forEach(backlog::add);
        newer.forEach(backlog::add);

        assertThat(backlog.remove(newer.getFirst().run())).containsExactlyElementsOf(newer);
        assertThat(backlog.size()).isEqualTo(older.size());
    }

    private static List<Hint> hints(String label) {
        List<Hint> hints = new ArrayList<>();
        StoredBackup.of("shop", label)
                .stored(FakeObjectStore.plain("primary"), NOW)
                .forEach(event ->
                        hints.add(
                                new Hint(
                                        event.run(),
                                        event.store(),
                                        event.object(),
                                        NOW.plusSeconds(hints.size()))));
        return hints;
    }
}

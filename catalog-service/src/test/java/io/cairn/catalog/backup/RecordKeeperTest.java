package io.cairn.catalog.backup;

import static io.cairn.catalog.Histories.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.Fixtures;
import io.cairn.catalog.Histories;
import io.cairn.catalog.projection.FactSet;
import io.cairn.catalog.projection.Projection;
import io.cairn.model.ObjectKey;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.FakeObjectStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecordKeeperTest {

    private static final FactSet FACTS =
            FactSet.joined(
                    Histories.of(new Random(5), 120).events().stream()
                            .map(Projection::of)
                            .toList());

    private final FakeObjectStore primary = FakeObjectStore.plain("primary");
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private final Pending pending = new Pending();
    private final RecordKeeper keeper =
            new RecordKeeper(pending, Fixtures.stores(primary, secondary), Fixtures.config());

    @Test
    void everyRecordBecomesAnObjectOfTheActiveStore() {
        int records = pending.left.size();
        assertThat(records).as("more than one round").isGreaterThan(100);

        assertThat(keeper.keep()).isEqualTo(records);

        assertThat(pending.left).isEmpty();
        assertThat(primary.keys()).hasSize(records);
        assertThat(secondary.keys()).isEmpty();
        BackupRecord one = FACTS.records().byId().values().iterator().next();
        ObjectKey key = one.key(FACTS.backups().byId().get(one.backupId()).layout().root());
        assertThat(primary.read(key, 10_000)).isEqualTo(one.object().toJson());
    }

    @Test
    void aStoreThatBreaksDownInBetweenIsGoneOnWithLater() {
        int records = pending.left.size();
        primary.failAt(30, ErrorCode.STORE_UNREACHABLE);

        assertThatThrownBy(keeper::keep)
                .hasFieldOrPropertyWithValue("code", ErrorCode.STORE_UNREACHABLE);
        assertThat(pending.left).hasSize(records - 29);

        assertThat(keeper.keep()).isEqualTo(records - 29);
        assertThat(primary.keys()).hasSize(records);
    }

    @Test
    void anObjectThatIsThereAlreadyIsLeftAsItIs() {
        BackupRecord one = FACTS.records().byId().values().iterator().next();
        ObjectKey key = one.key(FACTS.backups().byId().get(one.backupId()).layout().root());
        Fixtures.put(primary, key, new byte[] {'{', '}'});

        keeper.keep();

        assertThat(pending.left).isEmpty();
        assertThat(primary.read(key, 10)).isEqualTo(new byte[] {'{', '}'});
    }

    @Test
    void theActiveStoreIsTheFirstThatThePolicyNames() {
        assertThat(RequiredCopies.of(Fixtures.config()).byTier().values())
                .allSatisfy(stores -> assertThat(stores.getFirst()).isEqualTo(PRIMARY));
    }

    /** Every record of a small history. */
    private static final class Pending implements PendingRecords {

        final Set<String> left = new HashSet<>(FACTS.records().byId().keySet());

        @Override
        public List<PendingRecords.Pending> pending(int limit) {
            List<PendingRecords.Pending> found = new ArrayList<>();
            FACTS.records().byId().values().stream()
                    .filter(record -> left.contains(record.id()))
                    .limit(limit)
                    .forEach(record ->
                            found.add(
                                    new PendingRecords.Pending(
                                            record,
                                            FACTS.backups().byId().get(record.backupId()))));
            return found;
        }

        @Override
        public void stored(List<BackupRecord> records) {
            records.forEach(record -> left.remove(record.id()));
        }

        @Override
        public long count() {
            return left.size();
        }
    }
}

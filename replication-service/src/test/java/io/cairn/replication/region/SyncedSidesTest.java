package io.cairn.replication.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.replication.StoredBackup;
import io.cairn.replication.region.SidesIdentical.Comparison;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class SyncedSidesTest {

    private final FakeObjectStore primary = FakeObjectStore.plain("primary");
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private final StoredBackup backup = StoredBackup.of("shop", "20261122T020000Z-F");
    private final ObjectKey volume =
            backup.commit().archives().getFirst().volumes().getFirst().object().key();

    @Test
    void whatOneOfThemLacksIsADifference() throws InterruptedException {
        backup.putInto(primary);
        backup.putInto(secondary);
        assertThat(compare().differences()).isZero();

        primary.lose(volume);

        assertThat(compare().differences()).isEqualTo(1);
        assertThat(compare().examples()).singleElement().asString().contains(volume.value());
    }

    @Test
    void anObjectOfAnotherDigestIsADifference() throws InterruptedException {
        backup.putInto(primary);
        byte[] other = backup.bytes(volume);
        other[7] ^= 1;
        secondary.putIfAbsent(volume, ObjectBody.of(other)).orThrow();
        backup.putInto(secondary);

        assertThat(compare().differences()).isEqualTo(1);
        assertThat(compare().examples())
                .singleElement()
                .asString()
                .contains(volume.value(), "'secondary'", "of digest");
    }

    /** Reading all there is takes longer than a store can be kept out of service. */
    @Test
    void bytesThatRottedUnderTheirDigestAreLeftToTheComparisonThatReadsThem()
            throws InterruptedException {
        backup.putInto(primary);
        backup.putInto(secondary);
        secondary.damage(
                volume,
                bytes -> {
                    bytes[7] ^= 1;
                    return bytes;
                });

        assertThat(compare().differences()).isZero();
    }

    @Test
    void whatNeitherHasAnyMoreKeepsNoStoreOutOfService() throws InterruptedException {
        backup.putInto(primary);
        backup.putInto(secondary);
        primary.lose(volume);
        secondary.lose(volume);

        assertThat(compare().differences()).isZero();
        assertThat(compare().examples()).isEmpty();
    }

    private Comparison compare() throws InterruptedException {
        return new SyncedSides(Duration.ZERO, InstantSource.system())
                .compare(new ClusterName("shop"), primary, secondary);
    }
}

package io.cairn.replication.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ObjectKey;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TransfersTest {

    private static final int BYTES = 50_000;

    private final FakeObjectStore source = FakeObjectStore.plain("primary");
    private final FakeObjectStore target = FakeObjectStore.plain("secondary");

    /** All that is copied into a store shares its bandwidth, of which a tenth may come at once. */
    @Test
    void copiesNoFasterThanTheBandwidthThatTheyShare() throws InterruptedException {
        Optional<Bandwidth> bandwidth = Optional.of(new Bandwidth(4 * BYTES));
        Transfers one = new Transfers(target, bandwidth, 1);
        Transfers another = new Transfers(target, bandwidth, 1);
        long begin = System.nanoTime();

        copy(one, "one");
        copy(another, "another");

        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isGreaterThanOrEqualTo(Duration.ofMillis(400));
    }

    private void copy(Transfers transfers, String name) throws InterruptedException {
        ObjectKey key = new ObjectKey("shop/" + name);
        byte[] bytes = new byte[BYTES];
        bytes[BYTES - 1] = 7;
        source.putIfAbsent(key, ObjectBody.of(bytes)).orThrow();

        CopyOutcome outcome =
                transfers.copy(
                        key,
                        source,
                        () -> {
                            throw new AssertionError(key + " is another there");
                        });

        assertThat(outcome).isEqualTo(new CopyOutcome.Copied(BYTES));
        assertThat(target.read(key, BYTES)).isEqualTo(bytes);
    }
}

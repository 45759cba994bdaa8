package io.cairn.replication.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ObjectCopiesTest {

    private static final byte[] BYTES = "ciphertext".getBytes(UTF_8);
    private static final StoredObject PART =
            new StoredObject(
                    new ObjectKey("shop/1/backups/x/000000"), BYTES.length, Sha256.of(BYTES));

    private final FakeObjectStore source = FakeObjectStore.plain("primary");
    private final FakeObjectStore target = FakeObjectStore.plain("secondary");
    private final ObjectCopies copies = new ObjectCopies(target, 4);

    @Test
    void copiesAnObjectOnceAndThenFindsIt() throws Exception {
        store();

        assertThat(copies.copy(PART, source)).isEqualTo(new CopyOutcome.Copied(BYTES.length));
        assertThat(copies.copy(PART, source)).isEqualTo(new CopyOutcome.Present());

        assertThat(target.read(PART)).isEqualTo(BYTES);
        assertThat(source.calls()).filteredOn(call -> call.method().equals("get")).hasSize(1);
    }

    @Test
    void neverWritesSourceBytesThatAreNotThoseThatWereStored() throws Exception {
        store();
        for (int position : new int[] {0, BYTES.length / 2, BYTES.length - 1}) {
            source.damage(PART.key(), bytes -> flip(bytes, position));

            assertThat(copies.copy(PART, source))
                    .isInstanceOfSatisfying(
                            CopyOutcome.SourceDamaged.class,
                            damaged -> {
                                assertThat(damaged.why().code())
                                        .isEqualTo(ErrorCode.STORE_OBJECT_DIFFERS);
                                assertThat(damaged.why().getMessage()).contains(PART.key().value());
                            });
            assertThat(target.keys()).isEmpty();
            source.damage(PART.key(), bytes -> flip(bytes, position));
        }
    }

    @Test
    void neverWritesATruncatedOrALongerObject() throws Exception {
        store();
        source.damage(PART.key(), bytes -> Arrays.copyOf(bytes, bytes.length - 1));
        assertThat(copies.copy(PART, source)).isInstanceOf(CopyOutcome.SourceDamaged.class);
        source.damage(PART.key(), bytes -> Arrays.copyOf(bytes, bytes.length + 2));
        assertThat(copies.copy(PART, source)).isInstanceOf(CopyOutcome.SourceDamaged.class);

        assertThat(target.keys()).isEmpty();
    }

    @Test
    void readsAgainWhenTheSourceBreaksOff() throws Exception {
        store();
        source.truncateReads(2, 3);

        assertThat(copies.copy(PART, source)).isEqualTo(new CopyOutcome.Copied(BYTES.length));
        assertThat(target.read(PART)).isEqualTo(BYTES);
    }

    @Test
    void leavesAloneWhatElseTheTargetHoldsUnderTheKey() throws Exception {
        store();
        byte[] other = "other text".getBytes(UTF_8);
        target.putIfAbsent(PART.key(), ObjectBody.of(other));

        assertThat(copies.copy(PART, source))
                .isInstanceOfSatisfying(
                        CopyOutcome.TargetDiffers.class,
                        differs -> {
                            assertThat(differs.why().code())
                                    .isEqualTo(ErrorCode.STORE_OBJECT_DIFFERS);
                            assertThat(differs.why().getMessage()).contains("secondary");
                        });
        assertThat(target.read(PART.key(), 100)).isEqualTo(other);
    }

    @Test
    void tellsWhenTheSourceHasNoSuchObject() throws Exception {
        assertThat(copies.copy(PART, source)).isInstanceOf(CopyOutcome.Missing.class);
    }

    @Test
    void throwsWhenAStoreCannotBeUsedNow() throws Exception {
        store();
        target.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> copies.copy(PART, source))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNREACHABLE));

        target.heal();
        assertThat(copies.copy(PART, source)).isInstanceOf(CopyOutcome.Copied.class);
    }

    @Test
    void transfersAnObjectOnceForAllWhoWantItAtTheSameTime() throws Exception {
        store();
        source.delay(Duration.ofMillis(200));
        Callable<CopyOutcome> copy = () -> copies.copy(PART, source);

        List<CopyOutcome> outcomes;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            outcomes =
                    threads.invokeAll(List.of(copy, copy, copy, copy)).stream()
                            .map(Future::resultNow)
                            .toList();
        }

        assertThat(outcomes).filteredOn(CopyOutcome.Copied.class::isInstance).hasSize(1);
        assertThat(outcomes).filteredOn(CopyOutcome.Present.class::isInstance).hasSize(3);
        assertThat(source.calls()).filteredOn(call -> call.method().equals("get")).hasSize(1);
    }

    private void store() {
        source.putIfAbsent(PART.key(), ObjectBody.of(BYTES));
    }

    private static byte[] flip(byte[] bytes, int position) {
        bytes[position] ^= 1;
        return bytes;
    }
}

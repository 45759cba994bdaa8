package io.cairn.catalog.projection.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.catalog.projection.FactSet;
import io.cairn.catalog.projection.MemoryFactStore;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class StartWhereProjectedTest {

    private static final TopicPartition KNOWN = new TopicPartition("cairn.lifecycle", 0);
    private static final TopicPartition NEW = new TopicPartition("cairn.lifecycle", 1);

    @Test
    void goesOnWhereTheDatabaseStandsWhateverTheGroupCommitted() {
        MemoryFactStore store = new MemoryFactStore();
        store.join(FactSet.EMPTY, Map.of(KNOWN, 17L));
        try (MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("latest")) {
            consumer.assign(List.of(KNOWN, NEW));
            consumer.updateBeginningOffsets(Map.of(KNOWN, 0L, NEW, 3L));

            new StartWhereProjected(store).onPartitionsAssigned(consumer, List.of(KNOWN, NEW));

            assertThat(consumer.position(KNOWN)).isEqualTo(17);
            assertThat(consumer.position(NEW)).isEqualTo(3);
        }
    }
}

package io.cairn.catalog.projection.kafka;

import io.cairn.catalog.projection.FactStore;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Begins every partition where the database says, not where the group's committed offset is: a
 * database that is new, was lost or was restored from a backup then reads exactly what it lacks. A
 * partition of which it knows nothing is read from its beginning.
 */
@ApplicationScoped
@Identifier(StartWhereProjected.NAME)
class StartWhereProjected implements KafkaConsumerRebalanceListener {

    static final String NAME = "start-where-projected";

    private final FactStore store;

    @Inject
    StartWhereProjected(FactStore store) {
        this.store = store;
    }

    @Override
    public void onPartitionsAssigned(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> known = new HashMap<>(store.projected());
        for (TopicPartition partition : partitions) {
            Long next = known.get(partition);
            if (next == null) {
                consumer.seekToBeginning(List.of(partition));
            } else {
                consumer.seek(partition, next);
            }
        }
    }
}

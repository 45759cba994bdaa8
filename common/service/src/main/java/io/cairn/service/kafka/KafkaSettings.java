package io.cairn.service.kafka;

import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.TreeMap;

/**
 * What every Kafka client of this process is configured with, whether a channel or made by hand:
 * all that is set under {@code kafka.} ({@code kafka.bootstrap.servers}, environment variable
 * {@code KAFKA_BOOTSTRAP_SERVERS}; {@code kafka.security.protocol} …).
 */
@ApplicationScoped
public class KafkaSettings {

    private final Map<String, Object> client;

    @Inject
    KafkaSettings(@Identifier("default-kafka-broker") Map<String, Object> client) {
        this.client = Map.copyOf(new TreeMap<>(client));
    }

    public Map<String, Object> client() {
        return client;
    }

    public String bootstrapServers() {
        return String.valueOf(client.get("bootstrap.servers"));
    }
}

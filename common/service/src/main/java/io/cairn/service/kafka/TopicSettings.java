package io.cairn.service.kafka;

import io.quarkus.runtime.annotations.StaticInitSafe;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How the topics are created. Topics that exist keep their partitions, replicas and retention. */
@StaticInitSafe
@ConfigMapping(prefix = "cairn.topics")
public interface TopicSettings {

    /** Whether the service creates what is missing when it starts. */
    @WithDefault("true")
    boolean provision();

    /**
     * Whether a start waits until the topics are there. Where it does not, whoever takes work waits
     * for them, and the service is up meanwhile: for one that has work without a broker.
     */
    @WithDefault("true")
    boolean awaitAtStart();

    /** Partitions of the topics that only projections read: validation, replication, objectives. */
    @WithDefault("3")
    int partitions();

    /** Copies of each partition; the broker's own default where it is not set. */
    Optional<Short> replicationFactor();

    /**
     * How long work may wait: requests, due events, stored objects. Longer than the longest outage
     * to be ridden out.
     */
    @WithDefault("7d")
    Duration workRetention();

    /**
     * How long facts are kept that are nowhere else, failed runs for one: longer than any backup by
     * default.
     */
    @WithDefault("400d")
    Duration historyRetention();

    @WithDefault("90d")
    Duration deadLetterRetention();

    /** How long a starting service waits for the broker. */
    @WithDefault("60s")
    Duration brokerTimeout();
}

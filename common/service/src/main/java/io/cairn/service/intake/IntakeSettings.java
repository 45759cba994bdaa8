package io.cairn.service.intake;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * How work is taken.
 *
 * @param client what every Kafka client of the intake is configured with: {@code
 *     bootstrap.servers}, security; a {@code client.id} is what each client's own begins with
 * @param group the share group; its members share the work evenly
 * @param topics at least one
 * @param workers how many records are worked on at once in this process, 1 to 64
 * @param lease how long a record is ours
 * @param redelivery what happens to work that could not be done
 * @param drainLimit how long {@link ShareGroupIntake#close()} lets running work end before it is
 *     interrupted
 */
public record IntakeSettings(
        Map<String, Object> client,
        String group,
        List<String> topics,
        int workers,
        Lease lease,
        Redelivery redelivery,
        Duration drainLimit) {

    public static final int WORKERS_MAX = 64;
    public static final Duration DRAIN_LIMIT_DEFAULT = Duration.ofSeconds(25);

    public IntakeSettings {
        client = Map.copyOf(client);
        topics = List.copyOf(topics);
        require(!group.isBlank(), "group must be named");
        require(!topics.isEmpty(), "topics must name at least one");
        require(workers >= 1 && workers <= WORKERS_MAX, "workers must be 1 to " + WORKERS_MAX);
        require(!drainLimit.isNegative(), "drainLimit must not be negative");
    }

    /** Everything else by default. */
    public static IntakeSettings of(
            String bootstrapServers, String group, List<String> topics, int workers) {
        return new IntakeSettings(
                Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                group,
                topics,
                workers,
                Lease.DEFAULT,
                Redelivery.DEFAULT,
                DRAIN_LIMIT_DEFAULT);
    }

    public IntakeSettings withLease(Lease lease) {
        return new IntakeSettings(client, group, topics, workers, lease, redelivery, drainLimit);
    }

    public IntakeSettings withRedelivery(Redelivery redelivery) {
        return new IntakeSettings(client, group, topics, workers, lease, redelivery, drainLimit);
    }

    public IntakeSettings withDrainLimit(Duration drainLimit) {
        return new IntakeSettings(client, group, topics, workers, lease, redelivery, drainLimit);
    }

    /** What the client of one role is configured with. */
    Map<String, Object> clientOf(String role) {
        Map<String, Object> config = new HashMap<>(client);
        config.computeIfPresent(
                CommonClientConfigs.CLIENT_ID_CONFIG,
                (_, instance) -> instance + "-" + group + "-" + role);
        return config;
    }

    /** Adds client settings, security for one. */
    public IntakeSettings withClient(Map<String, ?> more) {
        Map<String, Object> merged = new HashMap<>(client);
        merged.putAll(more);
        return new IntakeSettings(merged, group, topics, workers, lease, redelivery, drainLimit);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /**
     * How long a record is ours.
     *
     * @param lock how long after the last sign of life of its worker a record is given to another;
     *     15 s to 60 s, the broker's own bounds ({@code group.share.min.record.lock.duration.ms}
     *     and {@code max})
     * @param renewEvery how often the lock is renewed while the handler runs; at most half of
     *     {@code lock}
     */
    public record Lease(Duration lock, Duration renewEvery) {

        public static final Lease DEFAULT = ofLock(Duration.ofSeconds(30));

        public Lease {
            require(lock.isPositive(), "lock must be positive");
            require(renewEvery.isPositive(), "renewEvery must be positive");
            require(
                    renewEvery.multipliedBy(2).compareTo(lock) <= 0,
                    "renewEvery must be at most half of lock");
        }

        /** Renewed every third of the lock, so that one renewal may be lost. */
        public static Lease ofLock(Duration lock) {
            return new Lease(lock, lock.dividedBy(3));
        }
    }

    /**
     * What happens to work that could not be done.
     *
     * @param limit deliveries in all before a record goes to the dead letter topic, 1 to 7 (the
     *     broker itself allows 10, and gives a record up three deliveries later)
     * @param pauseMin pause before the first redelivery; doubles with each, up to {@code pauseMax}
     * @param pauseMax longest pause
     */
    public record Redelivery(int limit, Duration pauseMin, Duration pauseMax) {

        public static final int LIMIT_MAX = 7;
        public static final Redelivery DEFAULT =
                new Redelivery(5, Duration.ofSeconds(1), Duration.ofMinutes(1));

        public Redelivery {
            require(limit >= 1 && limit <= LIMIT_MAX, "limit must be 1 to " + LIMIT_MAX);
            require(!pauseMin.isNegative(), "pauseMin must not be negative");
            require(pauseMax.compareTo(pauseMin) >= 0, "pauseMax must be at least pauseMin");
        }

        /** The pause after delivery number {@code count}. */
        Duration pauseAfter(int count) {
            Duration pause = pauseMin.multipliedBy(1L << Math.clamp(count - 1L, 0, LIMIT_MAX));
            return pause.compareTo(pauseMax) < 0 ? pause : pauseMax;
        }
    }
}

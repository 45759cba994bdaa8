package io.cairn.service.kafka;

import io.cairn.events.Topics;
import io.cairn.model.Tier;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Every topic as it must be.
 *
 * <p>One partition where all that is told must stay in one order, and is little: requests (the
 * scheduler turns them into runs one by one), the scheduler's cursor (one writer), what is decided
 * of stores (who comes first decides). One partition too for what share groups take long work from:
 * due events, maintenance, lifecycle, stored objects. A share group shares a partition's records
 * among all of its members, but gives each of several partitions to few of them, so that with more
 * partitions than members work would wait behind another's while a member has nothing to do. The
 * others have {@link TopicSettings#partitions()}, and what concerns one cluster keeps its order by
 * key.
 */
final class TopicPlan {

    /** KIP-1191: the broker writes a share group's dead letters only to topics that allow it. */
    private static final Map<String, String> DEAD_LETTER_RULES =
            Map.of("errors.deadletterqueue.group.enable", "true", "cleanup.policy", "delete");

    private static final Map<String, String> COMPACTED = Map.of("cleanup.policy", "compact");
    private static final Map<String, String> DELETED = Map.of("cleanup.policy", "delete");

    private final TopicSettings settings;

    TopicPlan(TopicSettings settings) {
        this.settings = settings;
    }

    /**
     * @param rules settings the topic does not work without; they are restored when somebody
     *     changed them
     * @param retention only applied at creation, so that an operator may change it
     */
    record PlannedTopic(
            String name, int partitions, Map<String, String> rules, Optional<Duration> retention) {

        NewTopic toNewTopic(Optional<Short> replicationFactor) {
            Map<String, String> configs = new HashMap<>(rules);
            retention.ifPresent(
                    duration -> configs.put("retention.ms", Long.toString(duration.toMillis())));
            return new NewTopic(name, Optional.of(partitions), replicationFactor).configs(configs);
        }
    }

    List<PlannedTopic> topics() {
        Stream<PlannedTopic> events = Topics.all().stream().map(this::eventTopic);
        Stream<PlannedTopic> deadLetters = Topics.all().stream().map(this::deadLetterTopic);
        PlannedTopic cursor = new PlannedTopic(Topics.SCHEDULE, 1, COMPACTED, Optional.empty());
        return Stream.of(events, deadLetters, Stream.of(cursor)).flatMap(topics -> topics).toList();
    }

    private PlannedTopic eventTopic(String name) {
        if (name.equals(Topics.REGIONS)) {
            return new PlannedTopic(name, 1, COMPACTED, Optional.empty());
        }
        return new PlannedTopic(name, partitions(name), DELETED, Optional.of(retention(name)));
    }

    private PlannedTopic deadLetterTopic(String of) {
        return new PlannedTopic(
                Topics.deadLetter(of),
                1,
                DEAD_LETTER_RULES,
                Optional.of(settings.deadLetterRetention()));
    }

    private int partitions(String name) {
        return isWork(name) || name.equals(Topics.LIFECYCLE) ? 1 : settings.partitions();
    }

    private Duration retention(String name) {
        return isWork(name) ? settings.workRetention() : settings.historyRetention();
    }

    /** Whether its events are done with when somebody has taken them. */
    private static boolean isWork(String name) {
        return name.equals(Topics.REQUESTS)
                || name.equals(Topics.OBJECTS)
                || name.equals(Topics.DUE_MAINTENANCE)
                || name.equals(Topics.DUE_DRILLS)
                || Stream.of(Tier.values()).map(Topics::due).anyMatch(name::equals);
    }
}

package io.cairn.catalog.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ClusterName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CleanUpRoundsTest {

    private static final Instant DUE = Instant.parse("2026-11-22T08:00:00Z");
    private static final ClusterName SHOP = new ClusterName("shop");
    private static final ClusterName MAIL = new ClusterName("mail");
    private static final Duration PAUSE = Duration.ofMinutes(10);

    private final List<Set<ClusterName>> rounds = new ArrayList<>();
    private Instant now = DUE;

    @Test
    void aClusterWhoseStoreWasAwayIsTriedAgainAlone() throws Exception {
        Set<ClusterName> left = rounds(2).run(Set.of(SHOP, MAIL), DUE.plus(Duration.ofHours(12)));

        assertThat(left).isEmpty();
        assertThat(rounds).containsExactly(Set.of(SHOP, MAIL), Set.of(MAIL), Set.of(MAIL));
        assertThat(now).isEqualTo(DUE.plus(PAUSE.multipliedBy(2)));
    }

    @Test
    void afterTheStartDeadlineNoRoundBegins() throws Exception {
        Set<ClusterName> left = rounds(Integer.MAX_VALUE).run(Set.of(MAIL), DUE.plus(PAUSE));

        assertThat(left).containsExactly(MAIL);
        assertThat(rounds).hasSize(2);
    }

    /** Rounds in which the second cluster's store is away so many times. */
    private CleanUpRounds rounds(int times) {
        return new CleanUpRounds(
                clusters -> {
                    rounds.add(clusters);
                    return rounds.size() <= times ? Set.of(MAIL) : Set.of();
                },
                PAUSE,
                () -> now,
                time -> now = now.plus(time));
    }
}

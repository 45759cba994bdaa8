package io.cairn.replication.lag;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.ReplicationLagged;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.replication.route.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LagWatchTest {

    private static final Instant STORED = Instant.parse("2026-11-22T02:00:00Z");
    private static final Duration THRESHOLD = Duration.ofSeconds(60);
    private static final Route ROUTE =
            new Route(
                    new ClusterName("shop"), new StoreName("primary"), new StoreName("secondary"));
    private static final ObjectKey KEY = new ObjectKey("shop/1/one");

    private final LagTracker tracker = new LagTracker();
    private final LagWatch watch = new LagWatch(tracker::lag, THRESHOLD, Duration.ofMinutes(15));

    @Test
    void tellsOfACopyThatIsBehindByMoreThanTheThresholdOnceAndThenNowAndThen() {
        tracker.missing(ROUTE.copy(), KEY, STORED);

        assertThat(look(60)).isEmpty();
        assertThat(look(61))
                .containsExactly(
                        new ReplicationLagged(
                                ROUTE.cluster(),
                                ROUTE.source(),
                                ROUTE.target(),
                                Duration.ofSeconds(61),
                                THRESHOLD,
                                STORED.plusSeconds(61)));
        assertThat(look(62)).isEmpty();
        assertThat(look(61 + 899)).isEmpty();
        assertThat(look(61 + 900)).hasSize(1);
    }

    @Test
    void tellsAnewAfterTheCopyHadCaughtUp() {
        tracker.missing(ROUTE.copy(), KEY, STORED);
        assertThat(look(100)).hasSize(1);
        tracker.settled(ROUTE.copy(), KEY);
        assertThat(look(105)).isEmpty();
        tracker.missing(ROUTE.copy(), KEY, STORED.plusSeconds(110));

        assertThat(look(200)).hasSize(1);
    }

    @Test
    void triesAgainWhatCouldNotBeTold() {
        tracker.missing(ROUTE.copy(), KEY, STORED);

        assertThat(watch.look(List.of(ROUTE), STORED.plusSeconds(61))).hasSize(1);
        assertThat(watch.look(List.of(ROUTE), STORED.plusSeconds(66))).hasSize(1);
    }

    private List<ReplicationLagged> look(long seconds) {
        List<ReplicationLagged> lagged = watch.look(List.of(ROUTE), STORED.plusSeconds(seconds));
        lagged.forEach(watch::told);
        return lagged;
    }
}

package io.cairn.replication.lag;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.replication.route.Copy;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LagTrackerTest {

    private static final Instant NOW = Instant.parse("2026-11-22T02:00:00Z");
    private static final Copy SHOP = new Copy(new ClusterName("shop"), new StoreName("secondary"));
    private static final Copy MAIL = new Copy(new ClusterName("mail"), new StoreName("secondary"));
    private static final ObjectKey ONE = new ObjectKey("shop/1/one");
    private static final ObjectKey TWO = new ObjectKey("shop/1/two");

    private final LagTracker tracker = new LagTracker();

    @Test
    void isTheAgeOfTheOldestObjectThatIsMissing() {
        tracker.missing(SHOP, ONE, NOW.minusSeconds(10));
        tracker.missing(SHOP, TWO, NOW.minusSeconds(30));

        assertThat(tracker.lag(SHOP, NOW)).isEqualTo(Duration.ofSeconds(30));
        assertThat(tracker.lag(MAIL, NOW)).isZero();
        tracker.settled(SHOP, TWO);
        assertThat(tracker.lag(SHOP, NOW.plusSeconds(5))).isEqualTo(Duration.ofSeconds(15));
        tracker.settled(SHOP, ONE);
        assertThat(tracker.lag(SHOP, NOW)).isZero();
    }

    @Test
    void keepsTheTimeAtWhichAnObjectWasFirstMissing() {
        tracker.missing(SHOP, ONE, NOW.minusSeconds(10));
        tracker.missing(SHOP, ONE, NOW.minusSeconds(1));

        assertThat(tracker.lag(SHOP, NOW)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void countsWhatIsNotListedUntilALaterBackupIsWhole() {
        tracker.missing(SHOP, ONE, NOW.minusSeconds(60));
        tracker.unlisted(SHOP, ONE, NOW.minusSeconds(60));
        assertThat(tracker.missing(SHOP)).isEmpty();

        tracker.whole(SHOP, NOW.minusSeconds(90));
        assertThat(tracker.lag(SHOP, NOW)).isEqualTo(Duration.ofSeconds(60));
        tracker.whole(SHOP, NOW);
        assertThat(tracker.lag(SHOP, NOW)).isZero();
    }

    @Test
    void settlesWhatWasNotMissing() {
        tracker.settled(SHOP, ONE);
        tracker.missing(SHOP, ONE, NOW.minusSeconds(1));
        tracker.settled(SHOP, TWO);
        tracker.settled(SHOP, ONE);
        tracker.settled(SHOP, ONE);

        assertThat(tracker.lag(SHOP, NOW)).isZero();
    }

    @Test
    void isNeverNegative() {
        tracker.missing(SHOP, ONE, NOW.plusSeconds(5));

        assertThat(tracker.lag(SHOP, NOW)).isZero();
    }
}

package io.cairn.replication.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.config.CairnConfig;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.replication.Fakes;
import io.cairn.replication.lag.WalLags;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoutesTest {

    private static final ClusterName SHOP = new ClusterName("shop");
    private static final StoreName PRIMARY = new StoreName("primary");
    private static final StoreName SECONDARY = new StoreName("secondary");
    private static final StoreName ARCHIVE = new StoreName("archive");
    private static final CairnConfig THREE =
            Fakes.config(Map.of(Tier.OLTP, List.of("primary", "secondary", "archive")));

    @Test
    void everyTwoStoresOfAPolicyAreAPairAndOneStoreIsNone() {
        assertThat(new Routes(THREE).pairs())
                .containsExactly(
                        new StorePair(SHOP, Tier.OLTP, PRIMARY, SECONDARY),
                        new StorePair(SHOP, Tier.OLTP, PRIMARY, ARCHIVE),
                        new StorePair(SHOP, Tier.OLTP, SECONDARY, ARCHIVE));
        assertThat(new Routes(Fakes.config(Map.of())).pairs()).isEmpty();
    }

    @Test
    void eachStoreOfAPolicyMayBeBehindWithWalAndItsLagIsTheLongestOfItsPairs() {
        WalLags lags = new WalLags(THREE);
        Copy secondary = new Copy(SHOP, SECONDARY);
        Instant now = Instant.parse("2026-11-22T12:00:00Z");
        List<StorePair> pairs = new Routes(THREE).pairs();
        lags.of(pairs.get(0)).missing(secondary, new ObjectKey("a"), now.minusSeconds(5));
        lags.of(pairs.get(2)).missing(secondary, new ObjectKey("b"), now.minusSeconds(7));

        assertThat(lags.routes())
                .extracting(Route::target)
                .containsExactlyInAnyOrder(PRIMARY, SECONDARY, ARCHIVE);
        assertThat(lags.lag(secondary, now)).isEqualTo(Duration.ofSeconds(7));
        assertThat(lags.lag(new Copy(SHOP, PRIMARY), now)).isZero();
    }
}

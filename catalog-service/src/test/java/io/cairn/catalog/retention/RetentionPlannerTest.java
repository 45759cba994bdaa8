package io.cairn.catalog.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.catalog.retention.History.PlacedHold;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clusters with random lives, cleaned up every few weeks. */
class RetentionPlannerTest {

    private static final int STEPS = 160;

    /** Seeds among which every missing guard must have been missed. */
    private static final int SEEDS = 300;

    private static TierPolicy policy(int retentionDays, int windowDays) {
        return new TierPolicy(
                Tier.OLTP,
                Duration.ofDays(windowDays),
                new RunPolicy(
                        Duration.ofDays(retentionDays),
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(15),
                        List.of(new StoreName("primary"), new StoreName("secondary")),
                        6,
                        RunPolicy.VOLUME_BYTES_DEFAULT),
                List.of());
    }

    @Property(tries = 60)
    void nothingThatIsNeededIsEverExpired(@ForAll long seed) {
        assertThat(violations(seed, new RetentionPlanner(), 1)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Guard.class)
    void withoutAnyOneGuardSomethingIsLost(Guard guard) {
        RetentionPlanner planner = new RetentionPlanner(EnumSet.complementOf(EnumSet.of(guard)));
        List<String> violations = new ArrayList<>();
        for (long seed = 0; seed < SEEDS && violations.isEmpty(); seed++) {
            violations.addAll(violations(seed, planner, 1));
        }
        assertThat(violations).isNotEmpty();
    }

    @Property(tries = 20)
    void aSecondPlanRemovesNothingMore(@ForAll long seed) {
        SimulatedCluster cluster = new SimulatedCluster(new Random(seed), true);
        RetentionPlanner planner = new RetentionPlanner();
        TierPolicy policy = policy(12, 8);
        for (int step = 0; step < STEPS; step++) {
            cluster.live();
        }
        RetentionPlan plan = planner.plan(cluster.history(), policy);
        cluster.become(cluster.apply(plan));

        RetentionPlan second = planner.plan(cluster.history(), policy);

        assertThat(PlanInvariants.removed(cluster, second)).isEmpty();
    }

    @Property(tries = 20)
    void aFurtherHoldNeverRemovesMore(@ForAll long seed) {
        Random random = new Random(seed);
        SimulatedCluster cluster = new SimulatedCluster(random);
        RetentionPlanner planner = new RetentionPlanner();
        TierPolicy policy = policy(12, 8);
        for (int step = 0; step < STEPS; step++) {
            cluster.live();
        }
        Set<Object> without =
                PlanInvariants.removed(cluster, planner.plan(cluster.history(), policy));
        if (!cluster.backups.isEmpty()) {
            cluster.holds.add(
                    new PlacedHold(
                            "f".repeat(32),
                            cluster.backups.get(random.nextInt(cluster.backups.size())).label));
        }

        assertThat(without)
                .containsAll(
                        PlanInvariants.removed(cluster, planner.plan(cluster.history(), policy)));
    }

    @Property(tries = 10)
    void somethingIsExpiredInTheEnd(@ForAll long seed) {
        SimulatedCluster cluster = new SimulatedCluster(new Random(seed));
        for (int step = 0; step < 2 * STEPS; step++) {
            cluster.live();
        }
        cluster.holds.clear();
        cluster.reading = null;
        cluster.backups.forEach(one -> {
            one.busy = null;
            one.locked = null;
        });
        cluster.backups.stream()
                .reduce((_, last) -> last)
                .ifPresent(last -> {
                    last.refuted = false;
                    last.proven = cluster.now;
                    SimulatedCluster.STORES.forEach(store -> last.copies.put(store, true));
                });

        RetentionPlan plan = new RetentionPlanner().plan(cluster.history(), policy(12, 8));

        assertThat(plan.expired()).isNotEmpty();
    }

    private static List<String> violations(long seed, RetentionPlanner planner, int tries) {
        Random random = new Random(seed);
        SimulatedCluster cluster = new SimulatedCluster(random);
        int window = random.nextInt(2, 12);
        TierPolicy policy = policy(window + random.nextInt(0, 20), window);
        List<String> violations = new ArrayList<>();
        for (int step = 0; step < STEPS * tries && violations.isEmpty(); step++) {
            cluster.live();
            if (random.nextInt(25) == 0) {
                RetentionPlan plan = planner.plan(cluster.history(), policy);
                violations.addAll(new PlanInvariants(cluster, policy, plan).violations());
                cluster.become(cluster.apply(plan));
            }
        }
        return violations;
    }
}

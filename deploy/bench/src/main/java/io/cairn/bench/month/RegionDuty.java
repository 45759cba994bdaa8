package io.cairn.bench.month;

import io.cairn.config.CairnConfig;
import io.cairn.events.FailbackRefused;
import io.cairn.events.FailbackRequested;
import io.cairn.events.RegionEvent;
import io.cairn.events.RegionFailedOver;
import io.cairn.events.StoreObserved;
import io.cairn.events.region.Regions;
import io.cairn.model.StoreName;
import io.cairn.replication.region.Failback;
import io.cairn.replication.region.Judge;
import io.cairn.replication.region.SidesIdentical;
import io.cairn.replication.region.StoreProber;
import io.cairn.service.region.ObservedStore;
import io.cairn.service.region.StoreHealth;
import io.cairn.service.region.StoreObserver;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What services tell of the regions, decide about them, and know of that, in the month's time: an
 * executor that sees what it writes, and two replication services, each of which probes, tells,
 * reads what all have told, and judges.
 */
final class RegionDuty {

    /** How long a store takes nothing before it is left. */
    static final Duration FAILOVER_AFTER = Duration.ofSeconds(30);

    /** Within which writers have moved. */
    static final Duration BOUND = Duration.ofSeconds(60);

    /** What was stored within this time may still be on its way to a store that returns. */
    static final Duration SETTLE = Duration.ofSeconds(30);

    private static final Duration TICK = Duration.ofSeconds(5);
    private static final Duration SOMETHING_IS_WRONG = Duration.ofMinutes(1);
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(5);

    private final SimulatedClock clock;
    private final Random random;
    private final RegionTopic topic;
    private final List<StoreName> copies;
    private final RegionTopic.Reader executor;
    private final List<StoreObserver> writers = new ArrayList<>();
    private final List<Replication> replications = new ArrayList<>();
    private final Failback failback;
    private final boolean judges;

    /**
     * @param written the stores as executors write to them
     * @param probed the same stores, as replication services reach them
     * @param sides compares two stores before one returns
     * @param judges whether anybody decides
     */
    RegionDuty(
            CairnConfig config,
            Collection<ObservedStore> written,
            Map<StoreName, ObjectStore> probed,
            SidesIdentical sides,
            boolean judges,
            SimulatedClock clock,
            Random random) {
        this.clock = clock;
        this.random = random;
        this.judges = judges;
        this.topic = new RegionTopic(random);
        this.executor = topic.reader();
        this.copies = config.policy(config.cluster(Source.CLUSTER).tier()).run().copies();
        for (ObservedStore store : written) {
            writers.add(new StoreObserver("executor", store.health(), clock));
        }
        for (int number = 1; number <= 2; number++) {
            replications.add(new Replication("replication-" + number, probed));
        }
        this.failback = new Failback(Map.of(Source.CLUSTER, copies), probed::get, sides, clock);
    }

    /** What executors know. */
    Regions known() {
        return executor.facts().regions();
    }

    /** A moment passes; a minute, where something is about to be decided. */
    void pass() throws InterruptedException {
        tick();
        Instant until = clock.instant().plus(SOMETHING_IS_WRONG);
        while (isSomethingOpen() && clock.instant().isBefore(until)) {
            tick();
        }
    }

    private boolean isSomethingOpen() {
        return replications.stream().anyMatch(Replication::isDoubtingOneInService)
                || replications.stream()
                        .anyMatch(one -> !one.reader.facts().regions().equals(known()));
    }

    /**
     * After a region has failed: goes on until everybody knows that it is out of service.
     *
     * @return how long it took; empty if it took longer than the bound
     */
    Optional<Duration> untilLeft(StoreName store) throws InterruptedException {
        Instant begin = clock.instant();
        while (clock.instant().isBefore(begin.plus(BOUND))) {
            tick();
            if (readers().noneMatch(reader -> reader.facts().regions().inService(store))) {
                return Optional.of(Duration.between(begin, clock.instant()));
            }
        }
        return Optional.empty();
    }

    /** The stores that were left and have not returned, as executors know. */
    List<StoreName> left() {
        return copies.stream().filter(store -> !known().inService(store)).toList();
    }

    /** Whether a store is left when it fails now: not, if there is no other to write to. */
    boolean isReplaceable(StoreName store) {
        return known().inService(store)
                && copies.stream()
                        .anyMatch(other -> !other.equals(store) && known().inService(other));
    }

    /** Asks for a store's return, and has it answered. */
    RegionEvent failBack(StoreName store) throws InterruptedException {
        FailbackRequested request =
                new FailbackRequested(
                        store, "%016x".formatted(random.nextLong()), "month", clock.instant());
        topic.publish(request);
        RegionEvent answer = failback.answer(request, known());
        topic.publish(answer);
        if (!(answer instanceof FailbackRefused)) {
            Instant until = clock.instant().plus(BOUND);
            while (!known().inService(store) && clock.instant().isBefore(until)) {
                tick();
            }
        }
        return answer;
    }

    private Stream<RegionTopic.Reader> readers() {
        return Stream.concat(
                Stream.of(executor), replications.stream().map(replication -> replication.reader));
    }

    private void tick() throws InterruptedException {
        clock.advance(TICK);
        readers().forEach(RegionTopic.Reader::poll);
        for (StoreObserver writer : writers) {
            writer.look(executor.facts()).ifPresent(seen -> tell(seen, writer));
        }
        for (Replication replication : replications) {
            replication.look();
        }
    }

    private void tell(StoreObserved seen, StoreObserver observer) {
        topic.publish(seen);
        observer.told(seen);
    }

    /** As a replication service does it. */
    private final class Replication {

        private record Observed(StoreHealth health, StoreProber prober, StoreObserver observer) {}

        private final RegionTopic.Reader reader = topic.reader();
        private final Judge judge = new Judge(List.of(copies), FAILOVER_AFTER);
        private final List<Observed> stores = new ArrayList<>();
        private long decided;

        Replication(String name, Map<StoreName, ObjectStore> probed) {
            probed.forEach((store, reached) -> {
                StoreHealth health = new StoreHealth(store, clock);
                stores.add(
                        new Observed(
                                health,
                                new StoreProber(reached, health, name, PROBE_LIMIT, clock),
                                new StoreObserver(name, health, clock)));
            });
        }

        boolean isDoubtingOneInService() {
            return stores.stream()
                    .filter(store -> isReplaceable(store.health().store()))
                    .anyMatch(this::isDoubted);
        }

        private boolean isDoubted(Observed store) {
            return store.health().silentSince().isPresent()
                    || store.observer().isDoubted(reader.facts(), clock.instant());
        }

        void look() throws InterruptedException {
            for (Observed store : stores) {
                store.prober().probe(isDoubted(store));
                store.observer()
                        .look(reader.facts())
                        .ifPresent(seen -> tell(seen, store.observer()));
            }
            if (judges && reader.facts().regions().epoch() >= decided) {
                Optional<RegionFailedOver> failed = judge.decide(reader.facts(), clock.instant());
                failed.ifPresent(decision -> {
                    decided = decision.epoch();
                    topic.publish(decision);
                });
            }
        }
    }
}

package io.cairn.bench.month;

import io.cairn.bench.Installation;
import io.cairn.config.Secret;
import io.cairn.model.StoreName;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreProxy;
import io.cairn.testing.s3.S3Simulator;
import io.cairn.testing.s3.SimulatedBucket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A region: an S3 server whose bucket enforces Object Lock by the month's clock, and before it, for
 * each site, a network that breaks in every way.
 */
final class Region implements AutoCloseable {

    static final String ACCESS_KEY_ID = "month";

    private final StoreName name;
    private final S3Simulator server;
    private final SimulatedBucket bucket;
    private final Map<Site, StoreProxy> networks = new EnumMap<>(Site.class);
    private boolean away;

    private Region(StoreName name, S3Simulator server) {
        this.name = name;
        this.server = server;
        this.bucket = server.lockingBucket(name.value());
        for (Site site : Site.values()) {
            StoreProxy network = StoreProxy.before(server.endpoint());
            network.grantAll(ACCESS_KEY_ID);
            networks.put(site, network);
        }
    }

    static Region start(StoreName name, InstantSource clock) {
        return new Region(name, S3Simulator.start(clock));
    }

    StoreName name() {
        return name;
    }

    /** The bucket itself, for who looks or damages behind the protocol's back. */
    SimulatedBucket bucket() {
        return bucket;
    }

    Installation.Store store(Secret secretAccessKey) {
        return new Installation.Store(
                name,
                name.value(),
                endpoint(Site.HERE),
                ACCESS_KEY_ID,
                secretAccessKey,
                Optional.empty());
    }

    /** By which it is reached from a site. */
    URI endpoint(Site site) {
        return networks.get(site).endpoint();
    }

    /** The labels that have a tombstone here. */
    Stream<String> expired() {
        return bucket().keys().stream()
                .filter(key -> key.contains("/records/tombstones/"))
                .map(key -> key.substring(key.lastIndexOf('/') + 1, key.lastIndexOf('.')));
    }

    boolean isAway() {
        return away;
    }

    /** Nothing gets through until {@link #heal()}. */
    void fail(Random random) {
        for (Site site : Site.values()) {
            cutOff(site, random);
        }
        away = true;
    }

    /** Nothing gets through from one site until {@link #heal()}. */
    void cutOff(Site site, Random random) {
        StoreFault fault =
                random.nextBoolean()
                        ? new StoreFault.Reset(0)
                        : new StoreFault.Refuse(503, "ServiceUnavailable");
        StoreProxy network = networks.get(site);
        network.heal();
        network.injectAlways(fault, StoreFault.any());
    }

    /** Some of the next requests meet a fault each, of every kind that passes by itself. */
    void disturb(Random random, int faults) {
        StoreProxy network = networks.get(Site.HERE);
        List<StoreFault> kinds =
                List.of(
                        new StoreFault.Delay(Duration.ofMillis(20)),
                        new StoreFault.Reset(random.nextInt(1000)),
                        new StoreFault.Refuse(500, "InternalError"),
                        new StoreFault.Refuse(503, "SlowDown"),
                        new StoreFault.LoseResponse());
        for (int i = 0; i < faults; i++) {
            network.inject(
                    kinds.get(random.nextInt(kinds.size())),
                    random.nextInt(40),
                    1,
                    StoreFault.any());
        }
        network.inject(
                new StoreFault.ErrorInSuccess("InternalError"),
                random.nextInt(20),
                1,
                StoreFault.on(StoreOperation.CREATE));
        network.inject(
                new StoreFault.Truncate(random.nextInt(500)),
                random.nextInt(20),
                1,
                StoreFault.on(StoreOperation.READ));
        network.inject(
                new StoreFault.Stale(),
                random.nextInt(20),
                1,
                StoreFault.on(StoreOperation.READ_METADATA));
        network.inject(
                new StoreFault.Stale(), random.nextInt(20), 1, StoreFault.on(StoreOperation.READ));
    }

    /** After some of them have got through it refuses all requests of a kind. */
    void refuse(StoreOperation operation, int after) {
        networks.get(Site.HERE)
                .inject(
                        new StoreFault.Refuse(503, "ServiceUnavailable"),
                        after,
                        Integer.MAX_VALUE,
                        StoreFault.on(operation));
    }

    void heal() {
        networks.values().forEach(StoreProxy::heal);
        away = false;
    }

    @Override
    public void close() {
        networks.values().forEach(StoreProxy::close);
        server.close();
    }

    @Override
    public String toString() {
        return name.value();
    }
}

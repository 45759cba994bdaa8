package io.cairn.bench.month;

import io.cairn.bench.Installation;
import io.cairn.config.Secret;
import io.cairn.model.StoreName;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreProxy;
import io.cairn.testing.s3.S3Simulator;
import io.cairn.testing.s3.SimulatedBucket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A region: an S3 server whose bucket enforces Object Lock by the month's clock, and before it a
 * network that breaks in every way.
 */
final class Region implements AutoCloseable {

    static final String ACCESS_KEY_ID = "month";

    private final StoreName name;
    private final S3Simulator server;
    private final SimulatedBucket bucket;
    private final StoreProxy network;
    private boolean away;

    private Region(StoreName name, S3Simulator server) {
        this.name = name;
        this.server = server;
        this.bucket = server.lockingBucket(name.value());
        this.network = StoreProxy.before(server.endpoint());
        network.grantAll(ACCESS_KEY_ID);
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
                network.endpoint(),
                ACCESS_KEY_ID,
                secretAccessKey,
                Optional.empty());
    }

    boolean isAway() {
        return away;
    }

    /** Nothing gets through until {@link #heal()}. */
    void fail(Random random) {
        network.heal();
        StoreFault fault =
                random.nextBoolean()
                        ? new StoreFault.Reset(0)
                        : new StoreFault.Refuse(503, "ServiceUnavailable");
        network.injectAlways(fault, StoreFault.any());
        away = true;
    }

    /** Some of the next requests meet a fault each, of every kind that passes by itself. */
    void disturb(Random random, int faults) {
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
    }

    void heal() {
        network.heal();
        away = false;
    }

    @Override
    public void close() {
        network.close();
        server.close();
    }

    @Override
    public String toString() {
        return name.value();
    }
}

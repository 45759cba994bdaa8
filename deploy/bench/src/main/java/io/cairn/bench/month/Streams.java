package io.cairn.bench.month;

import io.cairn.config.CairnConfig;
import io.cairn.events.region.Regions;
import io.cairn.executor.wal.WalStreaming;
import io.cairn.model.Lsn;
import io.cairn.model.StoreName;
import io.cairn.postgres.wal.SlotNames;
import io.cairn.restore.compare.TableDigest;
import io.cairn.storage.ObjectStore;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The stream of the cluster's WAL, held for a while by one executor or another. */
final class Streams {

    /** In this machine's time, in which streams live. */
    private static final Duration FAILOVER_AFTER = Duration.ofSeconds(3);

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(20);

    private final CairnConfig config;
    private final Source source;
    private final Random random;
    private final InstantSource clock;
    private Optional<Acknowledged> last = Optional.empty();

    Streams(CairnConfig config, Source source, Random random, InstantSource clock) {
        this.config = config;
        this.source = source;
        this.random = random;
        this.clock = clock;
    }

    /**
     * What the server was told is stored.
     *
     * @param contents of the server when its WAL had come so far
     */
    record Acknowledged(Lsn lsn, List<TableDigest> contents) {}

    /** The newest. */
    Optional<Acknowledged> last() {
        return last;
    }

    /**
     * Holds the stream while the server works, until what it did is acknowledged.
     *
     * @param stores as the executor reaches them
     * @param regions what the executor knows
     */
    String hold(Map<StoreName, ObjectStore> stores, Supplier<Regions> regions)
            throws InterruptedException, SQLException {
        WalStreaming stream =
                WalStreaming.start(
                        config,
                        Source.CLUSTER,
                        stores::get,
                        regions,
                        _ -> {},
                        FAILOVER_AFTER,
                        clock);
        try {
            source.work(random);
            Lsn end = random.nextInt(3) == 0 ? source.switchWal() : source.written();
            if (!isAcknowledged(end)) {
                return "WAL up to " + end + " is not stored yet";
            }
            last = Optional.of(new Acknowledged(end, source.contents()));
            return "WAL is stored up to " + end;
        } finally {
            stream.end();
        }
    }

    private boolean isAcknowledged(Lsn end) throws InterruptedException, SQLException {
        String stream = SlotNames.of(Source.CLUSTER).streaming();
        long until = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < until) {
            if (source.isFlushed(stream, end)) {
                return true;
            }
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
        return false;
    }
}

package io.cairn.executor.wal;

import io.cairn.archive.ObjectEncoder;
import io.cairn.archive.gzip.GzipCodec;
import io.cairn.events.WalGapCause;
import io.cairn.events.region.Regions;
import io.cairn.executor.wal.WalTeller.Place;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.postgres.wal.ReplicationSlot;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.service.region.ObservedStore;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tries to hold one cluster's stream, for as long as the executor runs. Whoever gets the slot has
 * the stream; the others ask again and again. Whatever breaks, the next session reads from the
 * store where it has to begin.
 *
 * <p>{@link #run} is for one thread, {@link #drain} for any.
 */
final class WalHolder implements Runnable {

    private static final Logger LOG = Logger.getLogger(WalHolder.class);

    /** Rounds of upkeep in which the first store must answer before the stream goes back to it. */
    private static final int FEWEST_ANSWERS = 3;

    private static final int MOST_ANSWERS = 120;

    private final WalTarget target;
    private final WalSource source;
    private final HeldStreams held;
    private final WalTeller teller;
    private final WalMeter meter;
    private final WalSettings settings;
    private final Encoding encoding;
    private final InstantSource clock;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private volatile @Nullable WalSession session;
    private Optional<SystemIdentifier> lastSystem = Optional.empty();
    private boolean removed;
    private final Supplier<Regions> regions;
    private volatile ObjectStore store;
    private volatile int answersNeeded = FEWEST_ANSWERS;
    private volatile boolean cameHome;
    private volatile @Nullable Failing homeFails;
    private Duration pause;
    private String lastFailure = "";

    /**
     * The store in which the stream belongs has failed this holder again and again.
     *
     * @param since {@link System#nanoTime()}
     */
    private record Failing(ObjectStore store, long since) {}

    /** What compresses. */
    record Encoding(GzipCodec codec, ExecutorService compressors) {}

    WalHolder(
            WalTarget target,
            WalSource source,
            HeldStreams held,
            WalEvents events,
            WalMeter meter,
            WalSettings settings,
            Encoding encoding,
            InstantSource clock,
            Supplier<Regions> regions) {
        this.regions = regions;
        this.store = target.active();
        this.target = target;
        this.source = source;
        this.held = held;
        this.teller = new WalTeller(target, events, meter, clock);
        this.meter = meter;
        this.settings = settings;
        this.encoding = encoding;
        this.clock = clock;
        this.pause = settings.retryPause();
    }

    @Override
    public void run() {
        try {
            while (!isStopped()) {
                Duration wait = once();
                if (stopped.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets the stream store what it has, and the slot go. {@link #run} returns then. */
    void drain() {
        stopped.countDown();
        WalSession current = session;
        if (current != null) {
            current.drain();
        }
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /** One try to hold the stream; returns how long to wait before the next. */
    private Duration once() throws InterruptedException {
        try (WalConnection connection = source.connect(target.slots().streaming())) {
            hold(connection);
            pause = settings.retryPause();
            return Duration.ZERO;
        } catch (CairnException e) {
            return after(e);
        } catch (RuntimeException e) {
            return after(
                    new CairnException(
                            ErrorCode.INTERNAL,
                            "the stream of " + target.cluster() + " broke: " + e,
                            "this is a defect in Cairn; please report it with the log",
                            e));
        }
    }

    private Duration after(CairnException failure) {
        if (failure.code() == ErrorCode.POSTGRES_SLOT_ACTIVE) {
            return held.pause();
        }
        removed = failure.code() == ErrorCode.POSTGRES_WAL_REMOVED;
        if (ObservedStore.isOfStore(failure) && target.stores().size() > 1) {
            leaveStore();
        }
        log(failure);
        meter.failed(target.cluster(), failure.code().name());
        Duration wait = pause;
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(settings.retryPauseMax()) < 0 ? twice : settings.retryPauseMax();
        return wait;
    }

    /** A first store that answers, and then takes nothing again, is trusted less each time. */
    private void leaveStore() {
        if (store == home() && cameHome) {
            answersNeeded = Math.min(2 * answersNeeded, MOST_ANSWERS);
        }
        cameHome = false;
        List<ObjectStore> order = order();
        Failing known = homeFails;
        if (store == order.getFirst() && (known == null || known.store() != store)) {
            homeFails = new Failing(store, System.nanoTime());
        }
        store = order.get((order.indexOf(store) + 1) % order.size());
    }

    /** The stores, those in service first. */
    private List<ObjectStore> order() {
        Regions known = regions.get();
        return known.order(target.stores().stream().map(ObjectStore::name).toList()).stream()
                .map(this::named)
                .toList();
    }

    private ObjectStore named(StoreName name) {
        return target.stores().stream()
                .filter(it -> it.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Where the stream belongs: the first store that is in service. */
    private ObjectStore home() {
        return order().getFirst();
    }

    /**
     * Whether it was decided that writers leave the store, and the one they go to can be reached
     * from here. Otherwise one that is out of service is better than none.
     */
    private boolean isLeft(ObjectStore written) {
        return !regions.get().inService(written.name())
                && home() != written
                && !isUnreachable(home());
    }

    private boolean isUnreachable(ObjectStore home) {
        Failing known = homeFails;
        return known != null
                && known.store() == home
                && System.nanoTime() - known.since() >= settings.failoverAfter().toNanos();
    }

    /** The same failure again and again is one line. */
    private void log(CairnException failure) {
        String line = failure.code() + ": " + failure.messageWithHint();
        if (!line.equals(lastFailure)) {
            lastFailure = line;
            LOG.warnf(
                    failure.category() == ErrorCategory.BUG ? failure : null,
                    "The stream of %s broke off: %s",
                    target.cluster(),
                    line);
        }
    }

    private void hold(WalConnection connection) throws InterruptedException {
        ReplicationSlot streaming = connection.ensureSlot(target.slots().streaming());
        if (streaming.active()) {
            throw taken(streaming);
        }
        ReplicationSlot retained = connection.ensureSlot(target.slots().retained());
        WalLayout layout =
                new WalLayout(new ClusterRoot(target.cluster(), connection.systemIdentifier()));
        TimelineHistory history = connection.history(connection.timeline());
        if (isLeft(store)) {
            store = home();
        }
        ObjectStore into = store;
        SegmentSize size = connection.segmentSize();
        StartFinder.Server server =
                new StartFinder.Server(
                        history,
                        streaming.restartLsn().orElseThrow(),
                        retained.restartLsn().orElseThrow(),
                        connection.flushed(),
                        removed);
        boolean first = isFirst(into, layout);
        StreamStart start = new StartFinder(into, layout, size).find(server);
        Place place = new Place(connection.systemIdentifier(), start.folder(), into.name());
        try (SessionKey key =
                SessionKey.create(
                        layout,
                        start.folder().timeline(),
                        start.from(),
                        target.recipients(),
                        clock.instant())) {
            WalWriter writer =
                    new WalWriter(
                            into,
                            key,
                            new ObjectEncoder(encoding.codec(), target.gzipLevel(), key.key()),
                            encoding.compressors(),
                            settings);
            storeHistory(writer, layout, history);
            WalStream stream =
                    connection.stream(
                            target.slots().streaming(), start.folder().timeline(), start.from());
            tellOf(place, start, first);
            stream(connection, place, layout, size, start, key, writer, stream, history);
        }
    }

    private void stream(
            WalConnection connection,
            Place place,
            WalLayout layout,
            SegmentSize size,
            StreamStart start,
            SessionKey key,
            WalWriter writer,
            WalStream stream,
            TimelineHistory history)
            throws InterruptedException {
        LOG.infof(
                "Holds the WAL stream of %s: timeline %s from %s into store '%s'",
                target.cluster(), start.folder().timeline(), start.from(), place.store());
        lastFailure = "";
        ObjectStore writtenTo = store;
        held.taken();
        meter.held(target.cluster(), Optional.empty());
        WalSession running =
                new WalSession(
                        target,
                        settings,
                        size,
                        start,
                        key,
                        writer,
                        stream,
                        teller.in(place),
                        target.stores().size() > 1,
                        () -> isLeft(writtenTo));
        session = running;
        if (isStopped()) {
            running.drain();
        }
        Runnable retained =
                new RetainedSlot(
                        target,
                        settings.retainForAll() ? target.stores() : List.of(target.active()),
                        source,
                        layout,
                        history,
                        size,
                        running::durable);
        Runnable earlierGaps =
                new EarlierGaps(
                        writtenTo,
                        layout,
                        history,
                        size,
                        start,
                        clock,
                        (folder, gap) ->
                                teller.gapBefore(
                                        new Place(place.systemIdentifier(), folder, place.store()),
                                        gap));
        try (Upkeep _ =
                new Upkeep(
                        "WAL upkeep of " + target.cluster(),
                        settings.retainedEvery(),
                        List.of(
                                retained,
                                new Homecoming(running, layout),
                                this::seeWhetherCommitsWait,
                                earlierGaps))) {
            switch (running.run()) {
                case WalSession.End.TimelineEnded(Timeline next, Lsn at) -> {
                    storeHistory(writer, layout, connection.history(next));
                    teller.switched(place, next, at);
                }
                case WalSession.End.Drained _ ->
                        LOG.infof("Lets the WAL stream of %s go", target.cluster());
            }
            removed = false;
        } finally {
            if (writtenTo == home() && running.durable().compareTo(start.from()) > 0) {
                homeFails = null;
            }
            session = null;
            connection.abort();
            held.left();
            meter.left(target.cluster());
        }
    }

    /** Where the policy says that they do, the server may not have been told so. */
    private void seeWhetherCommitsWait() {
        if (target.policy().synchronous()) {
            try (WalConnection primary = source.connect(target.slots().retained())) {
                teller.sawWaiting(primary.isSynchronous(target.slots().streaming()));
            }
        }
    }

    /** Goes back to the first store that is in service when that has answered for a while. */
    private final class Homecoming implements Runnable {

        private final WalSession running;
        private final WalLayout layout;
        private int answers;

        Homecoming(WalSession running, WalLayout layout) {
            this.running = running;
            this.layout = layout;
        }

        @Override
        public void run() {
            ObjectStore home = home();
            if (store == home) {
                return;
            }
            answers = answers(home) ? answers + 1 : 0;
            if (answers >= answersNeeded) {
                LOG.infof(
                        "Store '%s' answers again: the WAL of %s goes there",
                        home.name(), target.cluster());
                store = home;
                homeFails = null;
                cameHome = true;
                running.drain();
            }
        }

        private boolean answers(ObjectStore home) {
            try {
                home.list(layout.walPrefix(), Optional.empty(), 1);
                return true;
            } catch (CairnException _) {
                return false;
            }
        }
    }

    private static CairnException taken(ReplicationSlot slot) {
        return new CairnException(
                ErrorCode.POSTGRES_SLOT_ACTIVE,
                "another holds the slot " + slot.name(),
                "it is asked for again");
    }

    /** Without it the timeline's WAL cannot be found; timeline 1 has none. */
    private void storeHistory(WalWriter writer, WalLayout layout, TimelineHistory history)
            throws InterruptedException {
        WalFolder folder = WalFolder.of(layout, history.timeline());
        byte[] content = history.content();
        if (content.length > 0 && !writer.exists(folder.history())) {
            writer.write(folder.history(), content, 0, content.length, Optional.empty());
        }
    }

    private static boolean isFirst(ObjectStore store, WalLayout layout) {
        return store.list(layout.walPrefix(), Optional.empty(), 1).objects().isEmpty()
                && store.list(layout.piecesPrefix(), Optional.empty(), 1).objects().isEmpty();
    }

    private void tellOf(Place place, StreamStart start, boolean first) {
        start.missing()
                .ifPresent(missing ->
                        teller.gap(
                                place,
                                WalGapCause.REMOVED,
                                missing.start(),
                                Optional.of(missing.end()),
                                Optional.empty(),
                                WalTeller.REMOVED));
        removed = false;
        if (first
                && (lastSystem.filter(it -> !it.equals(place.systemIdentifier())).isPresent()
                        || hasForeign(place))) {
            teller.gap(
                    place,
                    WalGapCause.OTHER_SYSTEM,
                    start.from(),
                    Optional.empty(),
                    Optional.empty(),
                    "the server is system "
                            + place.systemIdentifier()
                            + ", and not the one that was there before under this name");
        }
        lastSystem = Optional.of(place.systemIdentifier());
    }

    /** Whether the store has WAL of another system under the cluster's name. */
    private boolean hasForeign(Place place) {
        String own = place.folder().layout().root().prefix();
        ObjectStore in = store;
        String all = target.cluster() + "/";
        // '~' is behind every character of a key: the second page begins behind the own system's.
        return Stream.of(Optional.<ObjectKey>empty(), Optional.of(new ObjectKey(own + "~")))
                .flatMap(after -> in.list(all, after, 1).objects().stream())
                .anyMatch(info -> !info.key().value().startsWith(own));
    }
}

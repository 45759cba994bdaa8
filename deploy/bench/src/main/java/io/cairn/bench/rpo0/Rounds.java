package io.cairn.bench.rpo0;

import io.cairn.bench.ExecutorProcess;
import io.cairn.bench.Folders;
import io.cairn.bench.Installation;
import io.cairn.config.Secret;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * The rounds of a run. Each waits for commits, kills one process at a random moment, copies the
 * buckets at another, restores from the copies while the writers go on, and compares. The
 * acknowledged numbers are looked at first, then the stores are made to stand still, then they are
 * copied: whatever was acknowledged had to be there before.
 */
final class Rounds implements AutoCloseable {

    /** At least, in each round. */
    private static final int COMMITS = 100;

    private static final int LEVEL = 6;

    private static final Duration COMMITS_WITHIN = Duration.ofSeconds(90);
    private static final Duration STREAM_WITHIN = Duration.ofSeconds(90);
    private static final long POLL_MILLIS = 10;

    /**
     * Rounds after which restores begin with a newer base: there is less WAL to copy and replay.
     */
    private static final int ROUNDS_OF_A_BASE = 10;

    private static final int BEFORE_THE_KILL_MILLIS = 600;
    private static final int UNTIL_THE_COPY_MILLIS = 2500;
    private static final int UNTIL_THE_RESTART_MILLIS = 2500;

    private final Options options;
    private final Tally tally;
    private final PrintStream out;
    private final Random random;
    private final Signals signals = new Signals();
    private final Acknowledged acknowledged = new Acknowledged();
    private final Deque<Runnable> open = new ArrayDeque<>();
    private final ExecutorService restarts = Executors.newVirtualThreadPerTaskExecutor();

    private final Source source;
    private final List<Region> regions = new ArrayList<>();
    private final ExecutorPair executors;
    private final Bases bases;
    private final Restores restores;
    private final Writers writers;
    private final List<Victim> deck = new ArrayList<>();

    private Rounds(Options options, Tally tally, PrintStream out)
            throws IOException, SQLException, InterruptedException {
        this.options = options;
        this.tally = tally;
        this.out = out;
        this.random = new Random(options.seed());
        try {
            Secret role = Folders.randomSecret();
            Secret secretAccessKey = Folders.randomSecret();
            source = opened(Source.start(folder("source"), role), Source::close);
            for (String name : List.of("primary", "secondary")) {
                regions.add(
                        opened(
                                Region.start(
                                        new StoreName(name),
                                        folder(name),
                                        secretAccessKey,
                                        options.plantedBug()),
                                Region::close));
            }
            Installation installation = installation(role);
            restores =
                    opened(
                            Restores.in(folder("restores"), installation, secretAccessKey),
                            Restores::close);
            bases = opened(Bases.into(source, regions, installation), Bases::close);
            executors =
                    opened(
                            ExecutorPair.create(
                                    folder("executors"),
                                    ExecutorProcess.packaged(),
                                    installation.file()),
                            ExecutorPair::close);
            executors.startFirst();
            awaitStream();
            executors.startBoth();
            awaitStream();
            source.synchronize();
            writers =
                    opened(
                            new Writers(source.server(), Source.DATABASE, acknowledged),
                            Writers::close);
            awaitCommits(COMMITS);
        } catch (IOException | SQLException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    static Rounds prepare(Options options, Tally tally, PrintStream out)
            throws IOException, SQLException, InterruptedException {
        return new Rounds(options, tally, out);
    }

    private Installation installation(Secret role) throws IOException {
        List<Installation.Store> stores = regions.stream().map(Region::store).toList();
        return Installation.create(
                folder("config"),
                List.of(
                        new Installation.Cluster(
                                Source.CLUSTER,
                                Tier.QUEUE,
                                source.server().address(),
                                role,
                                stores)),
                stores,
                LEVEL);
    }

    private Path folder(String name) {
        return options.directory().resolve(name);
    }

    private <T> T opened(T part, Consumer<T> close) {
        open.push(() -> close.accept(part));
        return part;
    }

    private void awaitStream() throws InterruptedException, SQLException {
        long end = System.nanoTime() + STREAM_WITHIN.toNanos();
        while (!source.isStreamed()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("no executor holds the stream");
            }
            executors.requireAlive();
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    /** Until so many more have been acknowledged. */
    private void awaitCommits(int more) throws InterruptedException {
        await(acknowledged::count, acknowledged.count() + more);
    }

    private void await(IntSupplier count, int wanted) throws InterruptedException {
        long end = System.nanoTime() + COMMITS_WITHIN.toNanos();
        while (count.getAsInt() < wanted) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "no commits for " + COMMITS_WITHIN.toSeconds() + " s");
            }
            executors.requireAlive();
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    void run() throws Exception {
        long end = System.nanoTime() + options.limit().toNanos();
        BitSet before = new BitSet();
        for (int number = 1; number <= options.rounds(); number++) {
            if (System.nanoTime() > end) {
                out.println("no further round: the time is up");
                break;
            }
            if (number % ROUNDS_OF_A_BASE == 1) {
                bases.renew();
            }
            before = round(number, before);
            if (options.plantedBug() && tally.lost() > 0) {
                out.println("the planted bug was found in round " + tally.rounds());
                return;
            }
        }
        if (!options.plantedBug()) {
            loseRegionAndCluster(before);
        }
    }

    /** Returns what was acknowledged before its copy. */
    private BitSet round(int number, BitSet before) throws Exception {
        long begin = System.nanoTime();
        String name = "round-" + number;
        source.closeSegment();
        bases.dropCoveredPieces();
        awaitCommits(COMMITS);
        pause(BEFORE_THE_KILL_MILLIS);
        Victim victim = next();
        Restart restart = kill(victim);
        tally.killed(victim);
        boolean atOnce = random.nextInt(3) == 0;
        int restartAfter = random.nextInt(UNTIL_THE_RESTART_MILLIS);
        Future<Void> restarted =
                restarts.submit(() -> {
                    TimeUnit.MILLISECONDS.sleep(restartAfter);
                    restart.run();
                    return null;
                });
        if (!atOnce) {
            pause(UNTIL_THE_COPY_MILLIS);
        }
        BitSet confirmed = copy(regions, name);
        compare(number, victim, regions, name, before, confirmed, begin);
        restarted.get();
        return confirmed;
    }

    private void pause(int mostMillis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(mostMillis));
    }

    /** In every three rounds each once. */
    private Victim next() {
        if (deck.isEmpty()) {
            deck.addAll(List.of(Victim.values()));
            Collections.shuffle(deck, random);
        }
        return deck.removeLast();
    }

    @FunctionalInterface
    private interface Restart {
        void run() throws Exception;
    }

    private Restart kill(Victim victim) throws Exception {
        return switch (victim) {
            case EXECUTOR -> {
                executors.killHolder();
                yield executors::startMissing;
            }
            case STORE -> {
                Region active = active();
                active.kill();
                yield active::start;
            }
            case POSTGRES -> {
                source.kill();
                yield source::start;
            }
        };
    }

    private Region active() throws IOException {
        Region first = regions.getFirst();
        Region second = regions.getLast();
        return second.lastObject().compareTo(first.lastObject()) > 0 ? second : first;
    }

    /** The order of the steps is the proof. */
    private BitSet copy(List<Region> from, String name) throws IOException {
        List<Long> running = from.stream().filter(Region::isRunning).map(Region::pid).toList();
        BitSet confirmed = acknowledged.snapshot();
        running.forEach(signals::suspend);
        try {
            for (Region region : from) {
                restores.copy(region, name);
            }
        } finally {
            running.forEach(signals::resume);
        }
        return confirmed;
    }

    private void compare(
            int number,
            Object victim,
            List<Region> from,
            String name,
            BitSet before,
            BitSet confirmed,
            long begin)
            throws InterruptedException, SQLException, IOException {
        BitSet missing = (BitSet) confirmed.clone();
        missing.andNot(restores.restore(from, name));
        int lost = missing.cardinality();
        int more = confirmed.cardinality() - before.cardinality();
        tally.compared(more, lost);
        out.printf(
                Locale.ROOT,
                "round %3d  %-20s acknowledged %5d  (all %6d)  lost %d  %5.1f s%n",
                number,
                victim,
                more,
                confirmed.cardinality(),
                lost,
                (System.nanoTime() - begin) / 1e9);
        if (lost > 0) {
            out.println("  lost: " + missing);
        } else {
            restores.delete(from, name);
        }
    }

    /**
     * The first region is destroyed while the database lives, commits go on into the other, then
     * the database is destroyed too.
     */
    private void loseRegionAndCluster(BitSet before) throws Exception {
        long begin = System.nanoTime();
        bases.renew();
        awaitCommits(COMMITS);
        regions.getFirst().destroy();
        awaitCommits(COMMITS);
        pause(UNTIL_THE_COPY_MILLIS);
        source.destroy();
        writers.stop();
        List<Region> left = regions.subList(1, regions.size());
        BitSet confirmed = copy(left, "last");
        compare(tally.rounds() + 1, "region and database", left, "last", before, confirmed, begin);
    }

    @Override
    public void close() {
        restarts.shutdownNow();
        open.forEach(Runnable::run);
    }
}

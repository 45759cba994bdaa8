package io.cairn.bench.month;

import io.cairn.bench.Folders;
import io.cairn.bench.Installation;
import io.cairn.config.Secret;
import io.cairn.executor.basebackup.RunOutcome;
import io.cairn.model.BackupKind;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.BackupReader;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import io.cairn.storage.s3.S3Settings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The month: one step after the other, each something that happens to a fleet, and after each the
 * same questions.
 */
final class Month implements AutoCloseable {

    private static final S3Settings NETWORK = S3Settings.DEFAULT.retrying(4, Duration.ofMillis(5));

    private static final int LEVEL = 6;
    private static final int STEP_MINUTES = 170;

    private final Options options;
    private final PrintStream out;
    private final Random random;
    private final Deque<Runnable> open = new ArrayDeque<>();
    private final SimulatedClock clock =
            new SimulatedClock(
                    Instant.now().truncatedTo(ChronoUnit.HOURS).plus(Duration.ofHours(1)));
    private final Ledger ledger = new Ledger();
    private final List<Region> regions = new ArrayList<>();
    private final Map<StoreName, ObjectStore> stores = new LinkedHashMap<>();
    private final Source source;
    private final Executors executors;
    private final Copies copies;
    private final Repairs repairs;
    private final Catalog catalog;
    private final Keys keys;
    private final Invariants invariants;
    private final Restorability restorability;
    private final List<String> violations = new ArrayList<>();
    private final List<Duration> lags = new ArrayList<>();
    private int steps;

    private Month(Options options, PrintStream out) throws IOException, SQLException {
        this.options = options;
        this.out = out;
        this.random = new Random(options.seed());
        try {
            Secret role = Folders.randomSecret();
            Secret secretAccessKey = Folders.randomSecret();
            source = opened(Source.start(folder("source"), role), Source::close);
            for (String name : List.of("primary", "secondary")) {
                regions.add(opened(Region.start(new StoreName(name), clock), Region::close));
            }
            Installation installation = installation(role, secretAccessKey);
            for (Region region : regions) {
                stores.put(
                        region.name(),
                        opened(
                                S3ObjectStore.open(
                                        installation.config().store(region.name()), NETWORK),
                                ObjectStore::close));
            }
            executors = new Executors(installation, stores::get, clock);
            copies = new Copies(stores.values());
            repairs = new Repairs(stores.values(), clock);
            List<BackupReader> readers =
                    stores.values().stream()
                            .map(store -> new BackupReader(store, installation.trustAnchor()))
                            .toList();
            catalog =
                    new Catalog(
                            stores,
                            readers,
                            installation.config().policy(Tier.OLTP),
                            clock,
                            random);
            keys =
                    new Keys(
                            stores.values(),
                            installation.trustAnchor(),
                            installation.identity(),
                            Folders.create(folder("rotations")),
                            clock);
            invariants = new Invariants(regions, catalog, ledger, clock);
            restorability =
                    new Restorability(
                            regions,
                            readers,
                            installation.identity(),
                            ledger,
                            Folders.create(folder("restores")));
        } catch (IOException | SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    static Month prepare(Options options, PrintStream out) throws IOException, SQLException {
        return new Month(options, out);
    }

    private Installation installation(Secret role, Secret secretAccessKey) throws IOException {
        List<Installation.Store> all =
                regions.stream().map(region -> region.store(secretAccessKey)).toList();
        return Installation.create(
                folder("config"),
                List.of(
                        new Installation.Cluster(
                                Source.CLUSTER, Tier.OLTP, source.address(), role, all)),
                all,
                LEVEL,
                ", retention: 5d, pointInTimeWindow: 2d, lock: governance");
    }

    private Path folder(String name) {
        return options.directory().resolve(name);
    }

    private <T> T opened(T part, Consumer<T> close) {
        open.push(() -> close.accept(part));
        return part;
    }

    /** All steps; returns what was violated. */
    List<String> run() throws Exception {
        take(BackupKind.FULL);
        for (steps = 1; steps <= options.steps(); steps++) {
            clock.advance(Duration.ofMinutes(random.nextInt(STEP_MINUTES)));
            source.work(random);
            String what = step();
            List<String> found = ask();
            out.printf("step %4d  %s  %s%n", steps, clock.instant(), what);
            found.forEach(violation -> out.println("  VIOLATED: " + violation));
            violations.addAll(found);
        }
        return violations;
    }

    private String step() throws Exception {
        return switch (Event.any(random)) {
            case FULL -> take(BackupKind.FULL);
            case INCREMENTAL -> take(BackupKind.INCREMENTAL);
            case OUTAGE -> {
                Region region = anyRegion();
                region.fail(random);
                yield region + " is away";
            }
            case RECOVERY -> {
                regions.forEach(Region::heal);
                yield "all regions answer";
            }
            case BAD_NETWORK -> {
                Region region = anyRegion();
                region.disturb(random, 6);
                yield region + " has a bad network";
            }
            case DAMAGE -> damage();
            case COPY -> copies.round();
            case REPAIR -> repairs.round();
            case VALIDATION -> catalog.proven();
            case LOCK -> catalog.lock();
            case HOLD -> catalog.hold();
            case CLEAN_UP -> catalog.cleanUp();
            case POLICY -> catalog.change();
            case ROTATION -> keys.rotate();
        };
    }

    private Region anyRegion() {
        return regions.get(random.nextInt(regions.size()));
    }

    private String take(BackupKind kind) throws InterruptedException, SQLException {
        var contents = source.contents();
        RunOutcome outcome = executors.run(kind, clock.instant().truncatedTo(ChronoUnit.SECONDS));
        if (outcome instanceof RunOutcome.Taken(var backup)) {
            ledger.taken(backup.commit().attempt(), contents);
            if (regions.stream().noneMatch(Region::isAway)) {
                copies.follow(backup.object().key(), backup.store()).ifPresent(lags::add);
            }
            return backup.commit().label() + " taken";
        }
        return kind + ": " + outcome;
    }

    /** A disk, an intruder, a mistake. */
    private String damage() {
        Region region = anyRegion();
        List<String> keys =
                region.bucket().keys().stream().filter(key -> !key.contains("/records/")).toList();
        if (keys.isEmpty()) {
            return "nothing to damage in " + region;
        }
        String key = keys.get(random.nextInt(keys.size()));
        switch (random.nextInt(3)) {
            case 0 -> {
                ledger.damage(region, key, Ledger.Damage.LOST, UnaryOperator.identity());
                return key + " is lost in " + region;
            }
            case 1 -> {
                ledger.damage(region, key, Ledger.Damage.CHANGED, this::cut);
                return key + " is cut in " + region;
            }
            default -> {
                ledger.damage(region, key, Ledger.Damage.CHANGED, this::flipped);
                return key + " rots in " + region;
            }
        }
    }

    private byte[] cut(byte[] bytes) {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }

    private byte[] flipped(byte[] bytes) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return bytes;
    }

    /** With all regions there: an outage hides what is in them, and changes nothing of it. */
    private List<String> ask() throws Exception {
        List<Region> away = regions.stream().filter(Region::isAway).toList();
        regions.forEach(Region::heal);
        regions.forEach(ledger::look);
        try {
            BackupListing listing = restorability.listing();
            List<String> found = new ArrayList<>(invariants.violations(listing));
            found.addAll(restorability.violations(listing, this::isTimeToBoot));
            return found;
        } finally {
            away.forEach(region -> region.fail(random));
        }
    }

    private boolean isTimeToBoot() {
        return (long) restorability.boots() * options.steps() < (long) options.boots() * steps;
    }

    int steps() {
        return steps - 1;
    }

    int boots() {
        return restorability.boots();
    }

    /**
     * Of backups that were taken while both regions answered, from the commit object in the first
     * to that in the second, in this machine's time; zero if there was none.
     */
    Duration lagOf99Percent() {
        List<Duration> sorted = lags.stream().sorted().toList();
        return sorted.isEmpty()
                ? Duration.ZERO
                : sorted.get((int) Math.ceil(0.99 * sorted.size()) - 1);
    }

    String proofs() {
        return "%d restores, %d restored servers booted and compared, %d refused since every copy was damaged"
                .formatted(
                        restorability.restores(), restorability.boots(), restorability.refusals());
    }

    @Override
    public void close() {
        open.forEach(Runnable::run);
    }
}

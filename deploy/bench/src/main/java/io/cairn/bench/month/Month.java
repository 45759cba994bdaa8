package io.cairn.bench.month;

import io.cairn.bench.Folders;
import io.cairn.bench.Installation;
import io.cairn.config.Secret;
import io.cairn.executor.basebackup.BackupKeys;
import io.cairn.executor.basebackup.RunOutcome;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.replication.lag.LagTracker;
import io.cairn.replication.region.SidesIdentical;
import io.cairn.replication.region.SyncedSides;
import io.cairn.replication.route.Routes;
import io.cairn.replication.wal.WalComparison;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.compare.TableDigest;
import io.cairn.restore.mutation.MutationScore;
import io.cairn.service.region.ObservedStore;
import io.cairn.service.region.StoreHealth;
import io.cairn.storage.ObjectStore;
import io.cairn.testing.StoreOperation;
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
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The month: one step after the other, each something that happens to a fleet, and after each the
 * same questions.
 */
final class Month implements AutoCloseable {

    private static final int LEVEL = 6;
    private static final int STEP_MINUTES = 170;
    private static final int PARALLEL = 4;
    private static final int RECOVERY_EVERY = 3;

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
    private final Views views;
    private final Source source;
    private final Installation installation;
    private final Executors executors;
    private final Copies copies;
    private final Repairs repairs;
    private final Validator validator;
    private final Catalog catalog;
    private final Keys keys;
    private final RegionDuty duty;
    private final Streams streams;
    private final SplitView.Writer here;
    private final SplitView splitView;
    private final Twins twins;
    private final WalComparison comparison;
    private final Failovers failovers;
    private final Recoveries recoveries;
    private final List<Violation> noticed = new ArrayList<>();
    private final Intruder intruder;
    private final Invariants invariants;
    private final Buckets buckets;
    private final PointsInTime pointsInTime;
    private final Restorability restorability;
    private final List<Violation> violations = new ArrayList<>();
    private Optional<Streams.Acknowledged> recovered = Optional.empty();
    private int held;
    private int steps;

    private Month(Options options, Source source, PrintStream out) throws IOException {
        this.options = options;
        this.source = source;
        this.out = out;
        this.random = new Random(options.seed());
        try {
            Secret secretAccessKey = Folders.randomSecret();
            for (String name : List.of("primary", "secondary")) {
                regions.add(opened(Region.start(new StoreName(name), clock), Region::close));
            }
            installation = installation(secretAccessKey);
            stores.putAll(at(Site.HERE));
            BackupKeys ofExecutors = BackupKeys.read(installation.config().keys());
            views = new Views(stores, ofExecutors.signer(), options.without());
            Map<StoreName, ObservedStore> written = new LinkedHashMap<>();
            views.of(Worker.EXECUTOR)
                    .forEach((name, store) ->
                            written.put(
                                    name, new ObservedStore(store, new StoreHealth(name, clock))));
            duty =
                    new RegionDuty(
                            installation.config(),
                            written.values(),
                            stores,
                            views.has(Guard.PROOF_OF_RETURN)
                                    ? new SyncedSides(RegionDuty.SETTLE, clock)
                                    : (_, _, _) -> new SidesIdentical.Comparison(0, 0, List.of()),
                            views.has(Guard.JUDGE),
                            clock,
                            random);
            executors = new Executors(installation, written::get, duty::known, clock);
            streams = new Streams(installation.config(), source, random, clock);
            here = new SplitView.Writer(executors, Map.copyOf(written), duty::known);
            copies = new Copies(views.of(Worker.COPIER), clock, views.has(Guard.LAG));
            repairs = new Repairs(views.of(Worker.REPAIRER).values(), clock);
            List<BackupReader> readers =
                    views.of(Worker.READER).values().stream()
                            .map(store -> new BackupReader(store, installation.trustAnchor()))
                            .toList();
            validator =
                    new Validator(
                            views.of(Worker.VALIDATOR),
                            readers,
                            installation.identity(),
                            clock,
                            views.has(Guard.VERIFICATION));
            catalog =
                    new Catalog(
                            views, readers, installation.config().policy(Tier.OLTP), clock, random);
            keys =
                    new Keys(
                            views.of(Worker.CUSTODIAN).values(),
                            installation.trustAnchor(),
                            installation.identity(),
                            Folders.create(folder("rotations")),
                            clock);
            comparison =
                    new WalComparison(
                            new Routes(installation.config()).pairs().getFirst(),
                            views.of(Worker.COPIER).get(regions.getFirst().name()),
                            views.of(Worker.COPIER).get(regions.getLast().name()),
                            PARALLEL,
                            new LagTracker(),
                            new Unpublished(clock),
                            clock);
            failovers = new Failovers(regions, duty, this::flowBack, ledger, clock, noticed::add);
            twins = new Twins(regions, readers, installation.identity(), ledger, folder("twin"));
            Map<StoreName, ObjectStore> fromThere = at(Site.THERE);
            splitView =
                    new SplitView(
                            regions,
                            here,
                            new SplitView.Writer(
                                    new Executors(installation, fromThere::get, duty::known, clock),
                                    fromThere,
                                    duty::known),
                            source,
                            streams,
                            ledger,
                            copies,
                            twins,
                            clock,
                            random);
            recoveries =
                    new Recoveries(readers, installation.identity(), ledger, folder("recovery"));
            intruder = new Intruder(stores.values(), folder("intruder"), random);
            invariants = new Invariants(regions, catalog, validator, ledger, clock);
            buckets = new Buckets(regions, ledger, clock, copies::lag);
            pointsInTime =
                    new PointsInTime(
                            regions, ledger, clock, () -> catalog.policy().pointInTimeWindow());
            restorability =
                    new Restorability(
                            regions,
                            readers,
                            installation.identity(),
                            ledger,
                            Folders.create(folder("restores")),
                            options.without()
                                    .map(Guard::invariant)
                                    .filter(missed -> missed != Invariant.RESTORES)
                                    .isEmpty());
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private Map<StoreName, ObjectStore> at(Site site) {
        boolean governed = options.without().filter(Guard.FIRST_LOCKS::equals).isEmpty();
        return opened(
                        new SiteStores(installation, regions, site, governed, clock),
                        SiteStores::close)
                .all();
    }

    /** With a source of its own. */
    static Month prepare(Options options, PrintStream out) throws IOException, SQLException {
        Source source = Source.start(options.directory().resolve("source"));
        try {
            Month month = new Month(options, source, out);
            month.open.addLast(source::close);
            return month;
        } catch (IOException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /** Of a source that others use too, one after the other. */
    static Month of(Source source, Options options, PrintStream out) throws IOException {
        return new Month(options, source, out);
    }

    private Installation installation(Secret secretAccessKey) throws IOException {
        List<Installation.Store> all =
                regions.stream().map(region -> region.store(secretAccessKey)).toList();
        return Installation.create(
                folder("config"),
                List.of(
                        new Installation.Cluster(
                                Source.CLUSTER,
                                Tier.OLTP,
                                source.address(),
                                source.password(),
                                all)),
                all,
                LEVEL,
                ", retention: 5d, pointInTimeWindow: 4d, lock: governance"
                        + ", wal: {piece: {after: 100ms}}, archive: [{store: primary, storageClass: GLACIER_IR, after: upload}]");
    }

    private Path folder(String name) {
        return options.directory().resolve(name);
    }

    private <T> T opened(T part, Consumer<T> close) {
        open.push(() -> close.accept(part));
        return part;
    }

    /** All steps, or the script of the guard that is missing; returns what was violated. */
    List<Violation> run() throws Exception {
        steps = 0;
        // The slots hold the WAL from here on.
        streams.hold(here.stores(), here.regions());
        recovered = streams.last();
        report("the month begins with " + take(BackupKind.FULL));
        Optional<List<Event>> script = options.without().map(Guard::script);
        for (steps = 1; steps <= options.steps() && !isNoticed(); steps++) {
            clock.advance(Duration.ofMinutes(random.nextInt(STEP_MINUTES)));
            duty.pass();
            source.work(random);
            Event event = script.isPresent() ? script.get().get(steps - 1) : Event.any(random);
            report(step(event));
        }
        return List.copyOf(violations);
    }

    /** That the guard is missing: how the script would go on is of no interest. */
    private boolean isNoticed() {
        return options.without()
                .filter(guard ->
                        violations.stream()
                                .map(Violation::invariant)
                                .anyMatch(guard.invariant()::equals))
                .isPresent();
    }

    private void report(String what) throws Exception {
        List<Violation> found = ask();
        out.printf("step %4d  %s  %s%n", steps, clock.instant(), what);
        found.forEach(violation -> out.println("  VIOLATED: " + violation));
        violations.addAll(found);
    }

    private String step(Event event) throws Exception {
        return switch (event) {
            case FULL -> take(BackupKind.FULL);
            case INCREMENTAL -> take(BackupKind.INCREMENTAL);
            case RERUN -> takeAgain();
            case OUTAGE -> outage(anyRegion());
            case SECOND_AWAY -> outage(regions.getLast());
            case FIRST_AWAY -> outage(regions.getFirst());
            case RETURN -> {
                regions.forEach(Region::heal);
                yield failovers.failBack();
            }
            case RECOVERY -> {
                regions.forEach(Region::heal);
                yield "all regions answer; " + copies.round();
            }
            case BAD_NETWORK -> {
                Region region = anyRegion();
                region.disturb(random, 6);
                yield region + " has a bad network";
            }
            case DAMAGE -> damage();
            case VOLUME_DAMAGED -> damageVolume();
            case STREAM -> streams.hold(here.stores(), here.regions());
            case SPLIT_VIEW ->
                    splitView.happen(
                            random.nextInt(3) == 0 ? BackupKind.INCREMENTAL : BackupKind.FULL);
            case FAILBACK -> failovers.failBack();
            case COPY -> copies.round() + "; " + compareWal();
            case COPY_CUT_OFF ->
                    cutOff(StoreOperation.CREATE, 1 + random.nextInt(3), copies::round);
            case REPAIR -> repairs.round();
            case VALIDATION -> validator.round();
            case LOCK -> catalog.lock();
            case HOLD -> catalog.hold();
            case CLEAN_UP -> catalog.cleanUp();
            case CLEAN_UP_CUT_OFF -> cutOff(StoreOperation.DELETE, 0, catalog::cleanUp);
            case WRONG_CLOCK -> catalog.cleanUpTooEarly();
            case POLICY -> catalog.change();
            case ROTATION -> keys.rotate();
            case RETIREMENT -> keys.retire();
            case FORGERY -> intruder.forge();
            case DAY -> pass(Duration.ofDays(1));
            case DAYS -> pass(Duration.ofDays(3));
            case WEEK -> pass(Duration.ofDays(7));
        };
    }

    /** In which the server fills at least one segment. */
    private String pass(Duration time) throws SQLException {
        source.switchWal();
        clock.advance(time);
        return time + " pass";
    }

    private String outage(Region region) throws InterruptedException {
        region.fail(random);
        return failovers.leave(region);
    }

    private String compareWal() throws InterruptedException {
        try {
            comparison.run();
            return "WAL is compared";
        } catch (CairnException e) {
            return "WAL is not compared: " + e.code();
        }
    }

    private String flowBack() throws InterruptedException {
        return copies.round() + "; " + compareWal() + "; " + repairs.round();
    }

    /** The last region begins to refuse requests of a kind while something is done. */
    private String cutOff(StoreOperation operation, int after, Callable<String> work)
            throws Exception {
        Region region = regions.getLast();
        if (regions.stream().anyMatch(Region::isAway)) {
            return "nothing, since a region is away";
        }
        region.refuse(operation, after);
        try {
            return region + " refuses each " + operation + ": " + work.call();
        } finally {
            region.heal();
        }
    }

    private Region anyRegion() {
        return regions.get(random.nextInt(regions.size()));
    }

    private String take(BackupKind kind) throws InterruptedException, SQLException {
        var contents = source.contents();
        return taken(
                kind.name(),
                executors.run(kind, clock.instant().truncatedTo(ChronoUnit.SECONDS)),
                contents);
    }

    private String takeAgain() throws InterruptedException, SQLException {
        Optional<BackupLabel> newest =
                restorability.listing().backups().stream()
                        .map(backup -> backup.layout().label())
                        .reduce((_, last) -> last);
        if (newest.isEmpty()) {
            return "nothing to take again";
        }
        var contents = source.contents();
        return taken(newest.get() + " again", executors.runAgain(newest.get()), contents);
    }

    private String taken(String what, RunOutcome outcome, List<TableDigest> contents)
            throws InterruptedException {
        if (!(outcome instanceof RunOutcome.Taken(var backup))) {
            return what + ": " + outcome;
        }
        ledger.taken(backup.commit().attempt(), contents);
        copies.follow(
                backup.object().key(),
                backup.store(),
                backup.commit().completedAt(),
                regions.stream().noneMatch(Region::isAway));
        return backup.commit().label() + " taken into " + backup.store();
    }

    private String damageVolume() {
        Region region = regions.getFirst();
        String key =
                region.bucket().keys().stream()
                        .filter(name -> name.contains(".tar/"))
                        .reduce((_, last) -> last)
                        .orElseThrow();
        ledger.damage(region, key, Ledger.Damage.CHANGED, this::flipped);
        return key + " rots in " + region;
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
    private List<Violation> ask() throws Exception {
        List<Region> away = regions.stream().filter(Region::isAway).toList();
        regions.forEach(Region::heal);
        regions.forEach(ledger::look);
        try {
            BackupListing listing = restorability.listing();
            List<Violation> found = new ArrayList<>(buckets.violations());
            found.addAll(pointsInTime.violations());
            found.addAll(invariants.violations(listing));
            found.addAll(restorability.violations(listing, this::isTimeToBoot));
            found.addAll(twins.violations());
            if (streams.last().isPresent() && streams.last() != recovered) {
                recovered = streams.last();
                if (isTimeToRecover()) {
                    recoveries.lost(recovered.get()).ifPresent(found::add);
                }
            }
            found.addAll(noticed);
            noticed.clear();
            return found;
        } finally {
            away.forEach(region -> region.fail(random));
        }
    }

    /** The first of a few: it takes as long as some other steps together. */
    private boolean isTimeToRecover() {
        return options.without().isPresent() || held++ % RECOVERY_EVERY == 0;
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

    Copies copies() {
        return copies;
    }

    int restores() {
        return restorability.restores();
    }

    /**
     * Changes backups of the month in every way, and asks the validator.
     *
     * @param flips of each object that is changed
     */
    MutationScore validatorScore(int flips) throws InterruptedException, SQLException {
        regions.forEach(Region::heal);
        take(BackupKind.FULL);
        take(BackupKind.INCREMENTAL);
        repairs.round();
        regions.forEach(ledger::look);
        return new ValidatorScore(regions, stores, installation, ledger, clock)
                .of(restorability.listing(), flips, random);
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

package io.cairn.bench.month;

import io.cairn.bench.SmallServer;
import io.cairn.events.FailbackRefused;
import io.cairn.events.RegionEvent;
import io.cairn.events.RegionReturned;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalSegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A region fails, is left, and comes back when somebody asks for it. */
final class Failovers {

    /** What was stored before that must not be missing in a store that returns. */
    private static final Duration SETTLED = Duration.ofMinutes(2);

    private static final String EXPIRED_WAL = "/records/expired-wal/";

    private final List<Region> regions;
    private final RegionDuty duty;
    private final FlowBack flowBack;
    private final Ledger ledger;
    private final SimulatedClock clock;
    private final Consumer<Violation> violations;

    /** Everything that makes the stores the same again. */
    @FunctionalInterface
    interface FlowBack {
        String run() throws InterruptedException;
    }

    /**
     * @param violations is told what is found on the way
     */
    Failovers(
            List<Region> regions,
            RegionDuty duty,
            FlowBack flowBack,
            Ledger ledger,
            SimulatedClock clock,
            Consumer<Violation> violations) {
        this.regions = List.copyOf(regions);
        this.duty = duty;
        this.flowBack = flowBack;
        this.ledger = ledger;
        this.clock = clock;
        this.violations = violations;
    }

    /** A region has failed just now: writers have to move, if there is another. */
    String leave(Region region) throws InterruptedException {
        boolean onlyOne = regions.stream().filter(Region::isAway).count() == 1;
        if (!onlyOne || !duty.isReplaceable(region.name())) {
            return region + " is away";
        }
        Optional<Duration> took = duty.untilLeft(region.name());
        if (took.isEmpty()) {
            violations.accept(
                    Invariant.MOVED.violated(
                            "%s fails, and after %s writers have not been told"
                                    .formatted(region, RegionDuty.BOUND)));
            return region + " is away";
        }
        return "%s is away, and was left after %d s".formatted(region, took.get().toSeconds());
    }

    /** Somebody wants the region back that is out of service. */
    String failBack() throws InterruptedException {
        List<StoreName> left = duty.left();
        if (left.isEmpty()) {
            return "all regions are in service";
        }
        StoreName store = left.getFirst();
        clock.advance(SETTLED);
        RegionEvent answer = ask(store);
        if (!(answer instanceof FailbackRefused refused)) {
            return store + " is in service again";
        }
        String flow = flowBack.run();
        clock.advance(SETTLED);
        return "%s was refused, since %s; %s; %s"
                .formatted(
                        store,
                        refused.reason(),
                        flow,
                        ask(store) instanceof FailbackRefused still
                                ? "refused again, since " + still.reason() + still.examples()
                                : "in service again");
    }

    private RegionEvent ask(StoreName store) throws InterruptedException {
        RegionEvent answer = duty.failBack(store);
        if (answer instanceof RegionReturned) {
            difference()
                    .ifPresent(how ->
                            violations.accept(
                                    Invariant.RETURNED.violated(store + " returned, and " + how)));
        }
        return answer;
    }

    /** The first thing that one region has and another has not, looked for in the buckets. */
    private Optional<String> difference() {
        if (regions.stream().anyMatch(Region::isAway)) {
            return Optional.of("a region is away");
        }
        Set<String> expired = regions.stream().flatMap(Region::expired).collect(Collectors.toSet());
        Set<String> wanted = new HashSet<>();
        for (Region region : regions) {
            region.bucket().keys().stream()
                    .filter(key -> ledger.damage(region.name(), key).isEmpty())
                    .flatMap(key -> wanted(region, key, expired))
                    .forEach(wanted::add);
        }
        return wanted.stream()
                .sorted()
                .filter(key -> !isSame(key))
                .findFirst()
                .map(key -> key + " is not the same in all");
    }

    private Stream<String> wanted(Region region, String key, Set<String> expired) {
        Optional<BackupLayout> backup = BackupLayout.ofAnyCommit(new ObjectKey(key));
        if (backup.isPresent()) {
            if (expired.contains(backup.get().label().value())) {
                return Stream.empty();
            }
            List<String> parts = parts(region, key).toList();
            // It is not copied without a part that is damaged.
            boolean copied = parts.stream().noneMatch(this::isDamaged);
            return Stream.concat(copied ? Stream.of(key) : Stream.empty(), parts.stream());
        }
        return StoredWal.of(new ObjectKey(key)).stream()
                .filter(StoredWal.Segment.class::isInstance)
                .map(StoredWal.Segment.class::cast)
                .filter(segment -> isWanted(region, segment))
                .map(_ -> key);
    }

    /** Of what has expired a lock may keep one copy for longer than the other. */
    private static boolean isWanted(Region region, StoredWal.Segment segment) {
        LsnRange range = WalSegment.parse(segment.name(), SmallServer.SEGMENT).range();
        return region.bucket().keys().stream()
                .filter(key -> key.contains(EXPIRED_WAL))
                .reduce((_, newest) -> newest)
                .flatMap(key ->
                        region.bucket().bytes(key).map(json -> ExpiredWal.fromJson(json, key)))
                .map(expired -> expired.wants(segment.timeline(), range))
                .orElse(true);
    }

    private static Stream<String> parts(Region region, String commit) {
        try {
            CommitObject backup =
                    CommitObject.fromJson(region.bucket().bytes(commit).orElseThrow(), commit);
            // Of the key, a wrap that rotation made is as good.
            return backup.parts()
                    .map(StoredObject::key)
                    .filter(key -> !key.equals(backup.key().key()))
                    .map(ObjectKey::value);
        } catch (CairnException _) {
            return Stream.empty();
        }
    }

    private boolean isDamaged(String key) {
        return regions.stream().anyMatch(region -> ledger.damage(region.name(), key).isPresent());
    }

    /** What the month has damaged in one region is that region's. */
    private boolean isSame(String key) {
        if (isDamaged(key)) {
            return true;
        }
        List<Optional<byte[]>> contents =
                regions.stream().map(region -> region.bucket().bytes(key)).toList();
        Optional<byte[]> one = contents.getFirst();
        return contents.stream()
                .allMatch(other ->
                        other.isPresent()
                                && one.isPresent()
                                && (key.contains("/wal/")
                                        || Arrays.equals(one.get(), other.get())));
    }
}

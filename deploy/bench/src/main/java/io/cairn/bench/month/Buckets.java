package io.cairn.bench.month;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What holds of the objects in each region's bucket, whatever anybody lists. */
final class Buckets {

    /** A copy that has just been taken is on its way. */
    private static final Duration ON_ITS_WAY = Duration.ofMinutes(1);

    /** What is written for a cluster, but for records. */
    private static final Pattern LOCKED =
            Pattern.compile("[^/]+/[0-9]+/(backups|keys|wal|pieces)/.*");

    private final List<Region> regions;
    private final Ledger ledger;
    private final SimulatedClock clock;
    private final Function<StoreName, Duration> lag;

    /** Names of what was there at the last look, by region, with what it was. */
    private final Map<StoreName, Map<String, String>> written = new HashMap<>();

    private final Map<StoreName, Map<String, Set<String>>> expired = new HashMap<>();
    private final Map<StoreName, Long> seen = new HashMap<>();
    private final Set<String> right = new HashSet<>();
    private final Map<StoreName, Set<String>> known = new HashMap<>();
    private final Map<StoreName, Set<String>> everCommitted = new HashMap<>();

    /**
     * @param lag that is told of a region
     */
    Buckets(
            List<Region> regions,
            Ledger ledger,
            SimulatedClock clock,
            Function<StoreName, Duration> lag) {
        this.regions = List.copyOf(regions);
        this.ledger = ledger;
        this.clock = clock;
        this.lag = lag;
    }

    List<Violation> violations() {
        List<Violation> violations = new ArrayList<>();
        Set<String> labels = expiredLabels();
        for (Region region : regions) {
            Set<String> keys = new TreeSet<>(region.bucket().keys());
            everCommitted
                    .computeIfAbsent(region.name(), _ -> new HashSet<>())
                    .addAll(keys.stream().filter(key -> commit(key).isPresent()).toList());
            Long changes = region.bucket().changes();
            if (!changes.equals(seen.put(region.name(), changes))) {
                unlocked(region, keys).ifPresent(violations::add);
                incomplete(region, keys).forEach(violations::add);
                rewritten(region, keys).forEach(violations::add);
            }
            risen(region, keys, labels).forEach(violations::add);
        }
        regions.forEach(region -> untold(region, labels).ifPresent(violations::add));
        return violations;
    }

    private static Optional<BackupLayout> commit(String key) {
        return BackupLayout.ofAnyCommit(new ObjectKey(key));
    }

    /** A tombstone in one region counts for all. */
    private Set<String> expiredLabels() {
        return regions.stream().flatMap(Region::expired).collect(Collectors.toSet());
    }

    // What is new is locked
    // ------------------------------------------------------------------------------------------

    private Optional<Violation> unlocked(Region region, Set<String> keys) {
        Set<String> before = Optional.ofNullable(known.put(region.name(), keys)).orElse(Set.of());
        return keys.stream()
                .filter(key -> !before.contains(key) && LOCKED.matcher(key).matches())
                .filter(key -> region.bucket().lockedUntil(key).isEmpty())
                .findFirst()
                .map(key ->
                        Invariant.LOCKED_AT_ONCE.violated(
                                key + " in " + region + " is stored without a lock"));
    }

    // A commit object stands for all its parts
    // ------------------------------------------------------------------------------

    private List<Violation> incomplete(Region region, Set<String> keys) {
        return keys.stream()
                .filter(key -> commit(key).isPresent())
                .filter(key -> ledger.damage(region.name(), key).isEmpty())
                .flatMap(key -> incomplete(region, keys, key).stream())
                .toList();
    }

    private Optional<Violation> incomplete(Region region, Set<String> keys, String key) {
        CommitObject commit;
        try {
            commit = CommitObject.fromJson(region.bucket().bytes(key).orElseThrow(), key);
        } catch (CairnException e) {
            return Optional.of(Invariant.COMPLETE.violated(key + " in " + region + " is none"));
        }
        String wraps = commit.layout().wrapsPrefix(commit.attempt());
        boolean opens = keys.stream().anyMatch(one -> one.startsWith(wraps));
        Optional<String> signature =
                Optional.of(commit.layout().signature(commit.attempt()).value())
                        .filter(name -> !keys.contains(name));
        return Stream.concat(
                        signature.stream(),
                        commit.parts()
                                .filter(part -> !(opens && part.equals(commit.key())))
                                .filter(part -> !isRight(region, keys, part))
                                .map(part -> part.key().value()))
                .filter(name -> ledger.damage(region.name(), name).isEmpty())
                .findFirst()
                .map(name ->
                        Invariant.COMPLETE.violated(
                                "%s is in %s, and %s is %s"
                                        .formatted(
                                                key,
                                                region,
                                                name,
                                                keys.contains(name) ? "not right" : "missing")));
    }

    /** The bytes are looked at once; what the month does to them later, the ledger knows. */
    private boolean isRight(Region region, Set<String> keys, StoredObject part) {
        String key = part.key().value();
        String name = region + "/" + key;
        if (!keys.contains(key)) {
            right.remove(name);
            return false;
        }
        if (right.contains(name)) {
            return true;
        }
        boolean found =
                region.bucket()
                        .bytes(key)
                        .filter(bytes -> Sha256.of(bytes).equals(part.sha256()))
                        .isPresent();
        if (found) {
            right.add(name);
        }
        return found;
    }

    // What is written stays
    // --------------------------------------------------------------------------------------------

    /** Of commit objects, signatures, manifests and keys. */
    private List<Violation> rewritten(Region region, Set<String> keys) {
        Map<String, String> before = written.getOrDefault(region.name(), Map.of());
        Map<String, String> now = new HashMap<>();
        List<Violation> violations = new ArrayList<>();
        for (String key : keys) {
            boolean small = key.contains("/backups/") && !key.contains(".tar/");
            if (!small && !key.contains("/keys/")) {
                continue;
            }
            String is = fingerprint(region, key);
            String was = before.getOrDefault(key, is);
            if (is.equals(was)) {
                now.put(key, is);
            } else if (ledger.damage(region.name(), key).isPresent()) {
                now.put(key, was);
            } else {
                now.put(key, is);
                if (!isMerged(key, keys)) {
                    violations.add(
                            Invariant.WRITE_ONCE.violated(
                                    key + " in " + region + " is another object now"));
                }
            }
        }
        written.put(region.name(), now);
        return violations;
    }

    /** Without the version, which a repair changes. */
    private static String fingerprint(Region region, String key) {
        String state = region.bucket().state(key).orElseThrow();
        return state.substring(state.indexOf('"'));
    }

    /** Of two attempts the second has got another name. */
    private static boolean isMerged(String key, Set<String> keys) {
        return commit(key)
                .filter(layout -> layout.commit().value().equals(key))
                .filter(layout ->
                        keys.stream()
                                .filter(other -> !other.equals(key))
                                .flatMap(other -> commit(other).stream())
                                .anyMatch(layout::equals))
                .isPresent();
    }

    // What has expired stays away
    // --------------------------------------------------------------------------------------

    private List<Violation> risen(Region region, Set<String> keys, Set<String> labels) {
        Map<String, Set<String>> before = expired.getOrDefault(region.name(), Map.of());
        Map<String, Set<String>> now = new HashMap<>();
        List<Violation> violations = new ArrayList<>();
        for (String label : labels) {
            Set<String> left =
                    keys.stream()
                            .filter(key ->
                                    key.contains("/backups/" + label + "/")
                                            && !key.contains("/records/"))
                            .collect(Collectors.toSet());
            left.stream()
                    .filter(key -> !before.getOrDefault(label, left).contains(key))
                    .findFirst()
                    .ifPresent(key ->
                            violations.add(
                                    Invariant.EXPIRED.violated(key + " came back in " + region)));
            now.put(label, left);
        }
        expired.put(region.name(), now);
        return violations;
    }

    // What is missing is told
    // ------------------------------------------------------------------------------------------

    private Optional<Violation> untold(Region region, Set<String> labels) {
        Set<String> ever = everCommitted.getOrDefault(region.name(), Set.of());
        Optional<Instant> oldest =
                regions.stream()
                        .filter(other -> other != region)
                        .flatMap(other ->
                                other.bucket().keys().stream()
                                        .filter(key -> commit(key).isPresent())
                                        .filter(key -> !ever.contains(key))
                                        .filter(key -> ledger.damage(other.name(), key).isEmpty())
                                        .map(key ->
                                                CommitObject.fromJson(
                                                        other.bucket().bytes(key).orElseThrow(),
                                                        key)))
                        .filter(commit -> !labels.contains(commit.label().value()))
                        .filter(commit -> ledger.contents(commit.attempt()).isPresent())
                        .map(CommitObject::completedAt)
                        .min(Instant::compareTo);
        Duration told = lag.apply(region.name());
        return oldest.map(at -> Duration.between(at, clock.instant()).minus(ON_ITS_WAY))
                .filter(age -> age.compareTo(told) > 0)
                .map(age ->
                        Invariant.TOLD.violated(
                                "%s lacks a backup since %s, and its lag is told as %s"
                                        .formatted(region, age, told)));
    }
}

package io.cairn.catalog.lock;

import io.cairn.catalog.backup.CopyLock;
import io.cairn.catalog.lock.LockCandidates.Candidate;
import io.cairn.catalog.lock.NeededObjects.Visited;
import io.cairn.events.BackupLocked;
import io.cairn.events.CairnEvent;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.TierPolicy;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.Retention;
import io.cairn.storage.StoreProbe;
import io.cairn.storage.StoreProbe.LockLength;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Extends the locks of complete backups to the end of what their tier keeps, in every store of the
 * policy, and tells of a copy as locked only when each object of it was read back and the store was
 * seen to enforce locks. A lock is never shortened. What fails is done by the next round: what is
 * locked already is only looked at.
 *
 * <p>Blocking; one round at a time.
 */
public final class LockRound {

    private static final Logger LOG = Logger.getLogger(LockRound.class);

    private final Collection<TierPolicy> policies;
    private final Function<StoreName, ObjectStore> stores;
    private final LockCandidates candidates;
    private final Function<ObjectStore, StoreProbe.Finding> probe;
    private final Consumer<CairnEvent> tell;
    private final InstantSource clock;
    private final Limits limits;
    private final NeededObjects objects;
    private final Map<StoreName, Instant> enforcing = new HashMap<>();
    private final Map<StoreName, Length> lengths = new HashMap<>();
    private final NewWraps newWraps;
    private final Map<String, String> told = new HashMap<>();
    private Optional<Instant> lastRound = Optional.empty();

    /**
     * @param chain the longest time from a full backup to the last one that builds on it
     * @param parallel objects at once, 1 to 256
     * @param probeEvery how long a store is believed to enforce locks once it was seen to
     * @param lookEvery in this time every locked copy is looked at once more: a part may have been
     *     lost and stored again
     */
    public record Limits(Duration chain, int parallel, Duration probeEvery, Duration lookEvery) {

        public static final Limits DEFAULT = new Limits(Duration.ofDays(2), 8, Duration.ofDays(1));

        public Limits {
            if (chain.isNegative() || !probeEvery.isPositive() || !lookEvery.isPositive()) {
                throw new IllegalArgumentException("a duration must be positive");
            }
        }

        /** Looking again every week. */
        public Limits(Duration chain, int parallel, Duration probeEvery) {
            this(chain, parallel, probeEvery, Duration.ofDays(7));
        }
    }

    /**
     * What a round has done.
     *
     * @param locked copies that are locked now and were not before
     * @param waiting copies that still have to be, by store; every store of a policy with a lock is
     *     in it
     * @param missing stores that do not enforce locks, or take none that long, with what was found
     * @param failures of stores that could not be used; the next round goes on there
     */
    public record Report(
            int locked,
            Map<StoreName, Integer> waiting,
            Map<StoreName, String> missing,
            List<CairnException> failures) {

        public Report {
            waiting = Map.copyOf(waiting);
            missing = Map.copyOf(missing);
            failures = List.copyOf(failures);
        }
    }

    /**
     * @param probe whether a store enforces Object Lock, found out by doing it: {@link
     *     StoreProbe#objectLock}
     * @param tell returns when the event is durable
     */
    public LockRound(
            Collection<TierPolicy> policies,
            Function<StoreName, ObjectStore> stores,
            LockCandidates candidates,
            Function<ObjectStore, StoreProbe.Finding> probe,
            Consumer<CairnEvent> tell,
            InstantSource clock,
            Limits limits) {
        this.policies = policies.stream().filter(policy -> policy.lock().isPresent()).toList();
        this.stores = stores;
        this.candidates = candidates;
        this.probe = probe;
        this.tell = tell;
        this.clock = clock;
        this.limits = limits;
        this.objects = new NeededObjects(limits.parallel());
        this.newWraps = new NewWraps(clock);
        policies.forEach(policy -> LockTerms.requirePossible(policy, limits.chain()));
    }

    /**
     * A copy that has to be locked.
     *
     * @param again it is, as far as is known
     * @param due whether it is looked at once more all the same
     */
    private record Wanted(
            TierPolicy policy, Candidate backup, CopyLock lock, boolean again, boolean due) {}

    /** How long a lock a store was seen to take. */
    private record Length(Instant seen, Duration asked, LockLength found) {}

    /**
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE} if a lock cannot be told of
     */
    public synchronized Report run() {
        Map<StoreName, List<Wanted>> wanted = wanted();
        Map<StoreName, Integer> waiting = new TreeMap<>();
        Map<StoreName, String> missing = new TreeMap<>();
        List<CairnException> failures = new ArrayList<>();
        int locked = 0;
        for (StoreName name : wanted.keySet()) {
            int left = (int) wanted.get(name).stream().filter(copy -> !copy.again()).count();
            try {
                List<Wanted> copies = inTurn(wanted.get(name), name);
                Optional<String> lack =
                        copies.isEmpty() ? Optional.empty() : lack(stores.apply(name));
                if (lack.isPresent()) {
                    missing.put(name, lack.get());
                    tellOnce(
                            name.value(),
                            "Nothing can be locked in store '" + name + "': " + lack.get());
                } else {
                    Optional<Duration> longest = longestLock(stores.apply(name), copies);
                    for (Wanted copy : copies) {
                        Optional<String> tooLong = tooLong(copy, name, longest);
                        if (tooLong.isPresent()) {
                            missing.put(name, tooLong.get());
                            tellOnce(name + " " + copy.policy().tier(), tooLong.get());
                        } else if (lock(stores.apply(name), copy) && !copy.again()) {
                            locked++;
                            left--;
                        }
                    }
                }
            } catch (CairnException e) {
                if (e.code() == ErrorCode.BROKER_UNREACHABLE) {
                    throw e;
                }
                if (e.code() == ErrorCode.STORE_NO_OBJECT_LOCK) {
                    enforcing.remove(name);
                    missing.put(name, e.getMessage());
                }
                failures.add(e);
            }
            waiting.put(name, left);
        }
        return new Report(locked, waiting, missing, failures);
    }

    private Map<StoreName, List<Wanted>> wanted() {
        Map<StoreName, List<Wanted>> wanted = new TreeMap<>();
        for (TierPolicy policy : policies) {
            List<Candidate> all = candidates.of(policy.tier());
            LockTerms terms = new LockTerms(all, policy.run().retention(), limits.chain());
            ObjectLockMode mode = policy.lock().orElseThrow();
            for (StoreName store : policy.run().copies()) {
                List<Wanted> here = wanted.computeIfAbsent(store, _ -> new ArrayList<>());
                for (Candidate backup : all) {
                    Optional<CopyLock> present = backup.copies().get(store);
                    Optional<CopyLock> wants = terms.lock(backup.layout(), mode, clock.instant());
                    if (present == null || wants.isEmpty()) {
                        continue;
                    }
                    CopyLock lock = wants.get();
                    boolean again = present.filter(it -> it.covers(lock)).isPresent();
                    here.add(new Wanted(policy, backup, lock, again, itsTurnCame(backup, store)));
                }
            }
        }
        lastRound = Optional.of(clock.instant());
        return wanted;
    }

    /**
     * Each copy has a moment of its own within the time in which all are looked at again, the same
     * for every process.
     */
    private boolean itsTurnCame(Candidate backup, StoreName store) {
        long period = limits.lookEvery().toMillis();
        String copy = backup.layout().commit() + ":" + backup.attempt() + ":" + store;
        long moment = Math.floorMod((long) copy.hashCode(), period);
        long turns = Math.floorDiv(clock.instant().toEpochMilli() - moment, period);
        return lastRound
                .filter(last -> Math.floorDiv(last.toEpochMilli() - moment, period) < turns)
                .isPresent();
    }

    /** Those that are not locked, whose turn came, or whose keys were wrapped anew. */
    private List<Wanted> inTurn(List<Wanted> copies, StoreName name) {
        Set<ClusterRoot> anew =
                copies.isEmpty()
                        ? Set.of()
                        : newWraps.since(
                                stores.apply(name),
                                copies.stream()
                                        .map(copy -> copy.backup().layout().root())
                                        .collect(Collectors.toSet()));
        return copies.stream()
                .filter(copy ->
                        !copy.again() || copy.due() || anew.contains(copy.backup().layout().root()))
                .toList();
    }

    /** The longest lock that a store takes, where it does not take the longest that is wanted. */
    private Optional<Duration> longestLock(ObjectStore store, List<Wanted> copies) {
        Instant now = clock.instant();
        Optional<CopyLock> last =
                copies.stream()
                        .filter(copy -> !copy.again())
                        .map(Wanted::lock)
                        .max(Comparator.comparing(CopyLock::until));
        if (last.isEmpty()) {
            return Optional.empty();
        }
        Duration asked = Duration.ofDays(Duration.between(now, last.get().until()).toDays() + 1);
        Length known = lengths.get(store.name());
        if (known == null
                || !now.isBefore(known.seen().plus(limits.probeEvery()))
                || asked.compareTo(known.asked()) > 0) {
            known =
                    new Length(
                            now,
                            asked,
                            StoreProbe.lockLength(store, last.get().mode(), asked, clock));
            lengths.put(store.name(), known);
        }
        return switch (known.found()) {
            case LockLength.AtMost(Duration longest, CairnException _) -> Optional.of(longest);
            // What cannot be told beforehand is told by the refusal of the lock itself.
            case LockLength.Allowed _, LockLength.Untold _ -> Optional.empty();
        };
    }

    private Optional<String> tooLong(Wanted copy, StoreName store, Optional<Duration> longest) {
        return longest.filter(most -> copy.lock().until().isAfter(clock.instant().plus(most)))
                .map(most ->
                        "tiers.%s asks for locks of %d days, its retention and the longest chain, and store '%s' takes none of more than %d: its backups are not locked there; hint: raise the limit in the bucket's policy (s3:object-lock-remaining-retention-days), or set tiers.%s.retention lower, or lock: none"
                                .formatted(
                                        copy.policy().tier(),
                                        copy.policy()
                                                .run()
                                                .retention()
                                                .plus(limits.chain())
                                                .toDays(),
                                        store,
                                        most.toDays(),
                                        copy.policy().tier()));
    }

    /** Why a store is not relied on, if so. */
    private Optional<String> lack(ObjectStore store) {
        Instant now = clock.instant();
        Instant seen = enforcing.get(store.name());
        if (seen != null && now.isBefore(seen.plus(limits.probeEvery()))) {
            return Optional.empty();
        }
        return switch (probe.apply(store)) {
            case StoreProbe.Finding.Works _ -> {
                enforcing.put(store.name(), now);
                told.remove(store.name().value());
                yield Optional.empty();
            }
            case StoreProbe.Finding.Lacks(String reason) -> Optional.of(reason);
            case StoreProbe.Finding.Unknown(CairnException error) -> throw error;
        };
    }

    private boolean lock(ObjectStore store, Wanted wanted) {
        Candidate backup = wanted.backup();
        String name = backup.layout() + " in " + store.name();
        try {
            Optional<StoredCopy> copy = StoredCopy.find(store, backup.layout(), backup.attempt());
            if (copy.isEmpty()) {
                return false;
            }
            Visited visited =
                    objects.visit(store, copy.get(), key -> retain(store, key, wanted.lock()));
            if (visited.lacks().isPresent()) {
                tellOnce(name, notLocked(store, backup, visited.lacks().get()));
                return false;
            }
            if (wanted.again()) {
                return true;
            }
            tell.accept(
                    new BackupLocked(
                            run(backup),
                            backup.attempt(),
                            store.name(),
                            wanted.lock().mode(),
                            wanted.lock().until(),
                            clock.instant(),
                            visited.objects().size()));
            told.remove(name);
            return true;
        } catch (CairnException e) {
            if (e.category() != ErrorCategory.CORRUPTION) {
                throw e;
            }
            // What is wrong with one copy keeps no other from being locked.
            tellOnce(name, notLocked(store, backup, e.messageWithHint()));
            return false;
        }
    }

    private static String notLocked(ObjectStore store, Candidate backup, String why) {
        return "%s is not locked, or not all of it, in store '%s': %s"
                .formatted(run(backup), store.name(), why);
    }

    private static RunId run(Candidate backup) {
        return new RunId(backup.layout().root().cluster(), backup.label());
    }

    /** Looks before and after, so that what is locked already costs one request. */
    private void retain(ObjectStore store, ObjectKey key, CopyLock wanted) {
        Optional<Retention> before = store.retention(key);
        if (covers(before, wanted)) {
            return;
        }
        try {
            store.retain(key, extended(before, wanted));
        } catch (CairnException e) {
            // Another process may have extended it further meanwhile.
            if (e.code() != ErrorCode.STORE_LOCKED) {
                throw e;
            }
        }
        if (!covers(store.retention(key), wanted)) {
            throw new CairnException(
                    ErrorCode.STORE_NO_OBJECT_LOCK,
                    "store '%s' took a retention of %s until %s and does not keep it"
                            .formatted(store.name(), key, wanted.until()),
                    "run cairn check, which tells whether the bucket enforces Object Lock");
        }
    }

    private static boolean covers(Optional<Retention> retention, CopyLock wanted) {
        return retention.map(CopyLock::of).filter(set -> set.covers(wanted)).isPresent();
    }

    /** Neither what lasts longer already nor what is stronger is taken back. */
    private Retention extended(Optional<Retention> present, CopyLock wanted) {
        return present.filter(set -> set.until().isAfter(clock.instant()))
                .map(wanted.retention()::and)
                .orElse(wanted.retention());
    }

    /** In the log, until there is something else to say. */
    private void tellOnce(String about, String message) {
        if (!message.equals(told.put(about, message))) {
            LOG.warn(message);
        }
    }
}

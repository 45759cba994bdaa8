package io.cairn.cli;

import io.cairn.config.CairnConfig;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.archival.ArchiveMoment;
import io.cairn.model.archival.ArchiveRule;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.error.CairnException;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.TierPolicy;
import io.cairn.postgres.preflight.CheckResult;
import io.cairn.postgres.preflight.CheckResult.Level;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.StoreCapability;
import io.cairn.storage.StoreProbe;
import io.cairn.storage.StoreProbe.Finding;
import io.cairn.storage.StoreProbe.LockLength;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * What the stores of some tiers can do, and whether that is what the tiers' policies ask of them.
 */
final class StoreChecks {

    /** The longest chain behind a full backup, as {@code cairn.catalog.lock.chain} has it. */
    private static final Duration CHAIN = Duration.ofDays(2);

    private final List<ObjectStore> stores;
    private final List<TierPolicy> policies;
    private final RandomGenerator random = new SecureRandom();

    private StoreChecks(List<ObjectStore> stores, List<TierPolicy> policies) {
        this.stores = stores;
        this.policies = policies;
    }

    /**
     * @param stores all that are configured; those without a copy of these tiers are left alone
     */
    static StoreChecks of(CairnConfig config, List<ObjectStore> stores, Set<Tier> tiers) {
        List<TierPolicy> policies = tiers.stream().map(config::policy).toList();
        return new StoreChecks(
                stores.stream()
                        .filter(store ->
                                policies.stream()
                                        .anyMatch(policy ->
                                                policy.run().copies().contains(store.name())))
                        .toList(),
                policies);
    }

    List<CheckResult> run() {
        List<CheckResult> results = new ArrayList<>();
        for (ObjectStore store : stores) {
            StoreProbe.Report report = StoreProbe.run(store, random);
            for (StoreCapability capability : StoreCapability.values()) {
                Finding finding = report.findings().get(capability);
                if (finding != null) {
                    results.add(result(store.name(), capability, finding));
                }
            }
            if (report.usable()) {
                copies(store).forEach(results::add);
                locks(store, report).forEach(results::add);
                archives(store, report).forEach(results::add);
            }
        }
        return results;
    }

    private CheckResult result(StoreName store, StoreCapability capability, Finding finding) {
        String name = capability.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        Level bad = capability.required() ? Level.FAILED : Level.WARNING;
        return switch (finding) {
            case Finding.Works _ ->
                    new CheckResult(
                            subject(store),
                            name,
                            Level.OK,
                            capability.sentence(),
                            Optional.empty());
            case Finding.Lacks(String reason) ->
                    new CheckResult(subject(store), name, bad, reason, Optional.empty());
            case Finding.Unknown(CairnException error) ->
                    new CheckResult(subject(store), name, bad, error.getMessage(), error.hint());
        };
    }

    /** From the stores that tiers copy here from: the first of their copies. */
    private Stream<CheckResult> copies(ObjectStore target) {
        Set<StoreName> sources = new TreeSet<>();
        policies.stream()
                .map(policy -> policy.run().copies())
                .filter(copies -> copies.contains(target.name()))
                .map(List::getFirst)
                .filter(source -> !source.equals(target.name()))
                .forEach(sources::add);
        return stores.stream()
                .filter(source -> sources.contains(source.name()))
                .map(source ->
                        new CheckResult(
                                subject(target.name()),
                                "copies",
                                Level.OK,
                                copies(source, target),
                                Optional.empty()));
    }

    private String copies(ObjectStore source, ObjectStore target) {
        return switch (StoreProbe.copies(source, target, random)) {
            case Finding.Works _ -> "copies from store '" + source.name() + "' by itself";
            case Finding.Lacks(String reason) -> streamed(source) + ": " + reason;
            case Finding.Unknown(CairnException error) ->
                    streamed(source) + ": " + error.getMessage();
        };
    }

    private static String streamed(ObjectStore source) {
        return "what is copied from store '" + source.name() + "' passes through Cairn";
    }

    /** Nothing is called locked that could be deleted. */
    private Stream<CheckResult> locks(ObjectStore store, StoreProbe.Report report) {
        boolean enforced = report.works(StoreCapability.OBJECT_LOCK);
        return policies.stream()
                .filter(policy -> policy.run().copies().contains(store.name()))
                .flatMap(policy ->
                        policy.lock().stream()
                                .map(mode -> {
                                    String wanted = "tiers." + policy.tier() + ".lock: " + mode;
                                    return enforced
                                            ? lockLength(store, policy, mode, wanted)
                                            : lock(
                                                    store,
                                                    Level.FAILED,
                                                    wanted + ", and the bucket does not enforce it",
                                                    "create the bucket with Object Lock on a store that enforces it, or set lock: none");
                                }));
    }

    /** Whether it takes locks as long as a complete backup gets one. */
    private static CheckResult lockLength(
            ObjectStore store, TierPolicy policy, ObjectLockMode mode, String wanted) {
        Duration length = policy.run().retention().plus(CHAIN);
        String asked = wanted + ", for " + length.toDays() + " days";
        return switch (StoreProbe.lockLength(store, mode, length, InstantSource.system())) {
            case LockLength.Allowed _ ->
                    new CheckResult(
                            subject(store.name()), "lock", Level.OK, asked, Optional.empty());
            case LockLength.AtMost(Duration longest, CairnException _) ->
                    lock(
                            store,
                            Level.FAILED,
                            asked
                                    + ", and the bucket takes none of more than "
                                    + longest.toDays()
                                    + ": NO BACKUP WILL BE CALLED LOCKED",
                            "raise the limit in the bucket's policy (s3:object-lock-remaining-retention-days), set tiers."
                                    + policy.tier()
                                    + ".retention lower, or lock: none");
            case LockLength.Untold(CairnException error) ->
                    lock(
                            store,
                            Level.WARNING,
                            asked
                                    + ", and this credential cannot try so long: "
                                    + error.getMessage(),
                            "give it the rights that Cairn's policy for the operator lists; else the catalog is the first to find out");
        };
    }

    private static CheckResult lock(ObjectStore store, Level level, String detail, String hint) {
        return new CheckResult(subject(store.name()), "lock", level, detail, Optional.of(hint));
    }

    private Stream<CheckResult> archives(ObjectStore store, StoreProbe.Report report) {
        boolean tags = report.works(StoreCapability.TAGS);
        return policies.stream()
                .flatMap(policy ->
                        policy.archive().stream()
                                .filter(rule -> rule.store().equals(store.name()))
                                .map(rule -> archive(store, policy.tier(), rule, tags)));
    }

    private CheckResult archive(ObjectStore store, Tier tier, ArchiveRule rule, boolean tags) {
        String wanted =
                "tier " + tier + " archives in " + rule.storageClass() + " after " + rule.after();
        if (rule.after() instanceof ArchiveMoment.Upload) {
            return uploads(store, rule.storageClass(), wanted);
        }
        return tags
                ? new CheckResult(
                        subject(store.name()),
                        "archive",
                        Level.OK,
                        wanted + " (cairn lifecycle show)",
                        Optional.empty())
                : new CheckResult(
                        subject(store.name()),
                        "archive",
                        Level.WARNING,
                        wanted + ", and the store keeps no tags: NOTHING WILL BE ARCHIVED",
                        Optional.of(
                                "everything stays in the standard class; use a store with tags, write after: upload,"
                                        + " or set tiers."
                                        + tier
                                        + ".archive: []"));
    }

    private CheckResult uploads(ObjectStore store, StorageClass storageClass, String wanted) {
        return switch (StoreProbe.storageClass(store, random, storageClass)) {
            case Finding.Works _ ->
                    new CheckResult(
                            subject(store.name()), "archive", Level.OK, wanted, Optional.empty());
            case Finding.Lacks(String reason) ->
                    new CheckResult(
                            subject(store.name()),
                            "archive",
                            Level.WARNING,
                            wanted + ", and " + reason,
                            Optional.of("name a class that the store has"));
            case Finding.Unknown(CairnException error) ->
                    new CheckResult(
                            subject(store.name()),
                            "archive",
                            Level.FAILED,
                            wanted + ": " + error.getMessage(),
                            error.hint());
        };
    }

    private static String subject(StoreName store) {
        return "store " + store;
    }
}

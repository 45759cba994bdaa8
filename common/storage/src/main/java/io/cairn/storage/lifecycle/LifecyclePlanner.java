package io.cairn.storage.lifecycle;

import io.cairn.config.CairnConfig;
import io.cairn.model.BackupKind;
import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.archival.ArchiveMoment;
import io.cairn.model.archival.ArchiveRule;
import io.cairn.model.policy.TierPolicy;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.StoreProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Makes a bucket's lifecycle rules from the policies: transitions of volumes by their tags, and
 * nothing else. Somebody else's rules stay, as long as they leave Cairn's objects alone.
 */
public final class LifecyclePlanner {

    private final CairnConfig config;

    public LifecyclePlanner(CairnConfig config) {
        this.config = config;
    }

    /**
     * @param existing all rules of the bucket
     * @param folders the first parts of the keys in the bucket, {@link #folders}: a cluster that is
     *     configured no more may still have backups
     */
    public LifecyclePlan plan(StoreName store, List<LifecycleRule> existing, Set<String> folders) {
        List<LifecycleRule> wanted = rules(store);
        List<LifecycleRule> foreign = existing.stream().filter(rule -> !rule.own()).toList();
        List<LifecycleRule> own = existing.stream().filter(LifecycleRule::own).toList();
        Set<String> clusters = new TreeSet<>(folders);
        config.clusters().keySet().forEach(cluster -> clusters.add(cluster.value()));
        return new LifecyclePlan(
                store,
                foreign,
                own.stream().filter(rule -> isAmong(rule, wanted)).toList(),
                wanted.stream().filter(rule -> !isAmong(rule, own)).toList(),
                own.stream().filter(rule -> !isAmong(rule, wanted)).toList(),
                foreign.stream().flatMap(rule -> danger(rule, clusters).stream()).toList());
    }

    private static boolean isAmong(LifecycleRule rule, List<LifecycleRule> rules) {
        return rules.stream().anyMatch(other -> other.id().equals(rule.id()) && other.does(rule));
    }

    /** Those of one bucket, in the order of their ids. */
    private List<LifecycleRule> rules(StoreName store) {
        List<LifecycleRule> rules = new ArrayList<>();
        for (TierPolicy policy : config.tiers().values()) {
            for (ArchiveRule rule : policy.archive()) {
                if (rule.store().equals(store)) {
                    kinds(rule)
                            .flatMap(kind -> rule(policy.tier(), rule, kind).stream())
                            .forEach(rules::add);
                }
            }
        }
        rules.sort(Comparator.comparing(LifecycleRule::id));
        return rules;
    }

    private static Stream<Optional<BackupKind>> kinds(ArchiveRule rule) {
        return rule.kinds().isEmpty()
                ? Stream.of(Optional.empty())
                : rule.kinds().stream().map(Optional::of);
    }

    /** None for what is put there at once. */
    private static Optional<LifecycleRule> rule(
            Tier tier, ArchiveRule rule, Optional<BackupKind> kind) {
        Map<String, String> tags = new HashMap<>();
        tags.put(VolumeTags.OBJECT, VolumeTags.VOLUME);
        tags.put(VolumeTags.TIER, tier.id());
        kind.ifPresent(only -> tags.put(VolumeTags.KIND, only.id()));
        int days =
                switch (rule.after()) {
                    case ArchiveMoment.Upload _ -> -1;
                    case ArchiveMoment.Age(Duration age) -> Math.toIntExact(age.toDays());
                    case ArchiveMoment.Drill _ -> {
                        tags.put(VolumeTags.DRILLED, "true");
                        yield 0;
                    }
                };
        if (days < 0) {
            return Optional.empty();
        }
        String id =
                LifecycleRule.OWN
                        + tier
                        + kind.map(only -> "-" + only).orElse("")
                        + "-"
                        + rule.storageClass().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return Optional.of(
                new LifecycleRule(
                        id,
                        true,
                        "",
                        tags,
                        List.of(LifecycleRule.Transition.after(days, rule.storageClass().name())),
                        List.of(),
                        Optional.empty()));
    }

    /** What somebody else's rule may do to Cairn's objects. */
    private Optional<String> danger(LifecycleRule rule, Set<String> clusters) {
        if (!rule.acts() || !isAboutTags(rule.tags())) {
            return Optional.empty();
        }
        return clusters.stream()
                .filter(cluster -> meets(rule.prefix(), cluster + "/"))
                .findFirst()
                .map(cluster ->
                        "rule '" + rule.id() + "' " + effect(rule) + ", " + touches(rule, cluster));
    }

    /** Cairn's objects have Cairn's tags and no others. */
    private static boolean isAboutTags(Map<String, String> tags) {
        return Set.of(VolumeTags.OBJECT, VolumeTags.TIER, VolumeTags.KIND, VolumeTags.DRILLED)
                .containsAll(tags.keySet());
    }

    private static boolean meets(String prefix, String folder) {
        return prefix.startsWith(folder) || folder.startsWith(prefix);
    }

    private static String effect(LifecycleRule rule) {
        return rule.removals().isEmpty()
                ? "moves objects " + rule.transitions().getFirst()
                : rule.removals().getFirst().what();
    }

    private String touches(LifecycleRule rule, String cluster) {
        String whose = "which touches the objects of cluster " + cluster;
        Optional<Duration> retention =
                config.clusters().values().stream()
                        .filter(each -> each.name().value().equals(cluster))
                        .map(each -> config.policy(each.tier()).run().retention())
                        .findFirst();
        boolean early =
                retention.isPresent()
                        && rule.removals().stream()
                                .flatMap(removal -> removal.days().stream())
                                .anyMatch(days -> days < retention.get().toDays());
        if (early) {
            return whose + " before their retention of " + retention.get().toDays() + "d";
        }
        return rule.tags().isEmpty() ? whose + ", its wal/, pieces/ and keys/ among them" : whose;
    }

    /** The first parts of all keys of a bucket, with one request for each and one more. */
    public static Set<String> folders(ObjectStore store) {
        Set<String> folders = new TreeSet<>();
        Optional<ObjectKey> key = store.first("", Optional.empty());
        while (key.isPresent()) {
            String folder = key.get().value().split("/", 2)[0];
            folders.add(folder);
            // '0' is what follows '/'.
            key = store.first("", Optional.of(new ObjectKey(folder + "0")));
        }
        folders.remove(StoreProbe.PREFIX.replace("/", ""));
        return folders;
    }
}

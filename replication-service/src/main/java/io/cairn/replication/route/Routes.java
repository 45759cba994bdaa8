package io.cairn.replication.route;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which store has to hold copies of what: the tiers' {@code copies}. Immutable. */
public final class Routes {

    private final CairnConfig config;

    public Routes(CairnConfig config) {
        this.config = config;
    }

    /**
     * Whether what the tier's executors wrote to {@code source} belongs into {@code target} as
     * well.
     */
    public boolean wants(Tier tier, StoreName source, StoreName target) {
        return !source.equals(target) && copies(tier).contains(target);
    }

    /** Every store that is a copy for some configured cluster, in the configuration's order. */
    public List<StoreName> targets() {
        return config.stores().keySet().stream()
                .filter(store -> all().anyMatch(route -> route.target().equals(store)))
                .toList();
    }

    /**
     * Every cluster's ways from each of its tier's stores to each other one: backups lie where the
     * tier's writers were when they were taken.
     */
    public Stream<Route> all() {
        return config.clusters().values().stream().flatMap(this::of);
    }

    private Stream<Route> of(ClusterConfig cluster) {
        List<StoreName> copies = copies(cluster.tier());
        return copies.stream()
                .flatMap(source ->
                        copies.stream()
                                .filter(target -> !target.equals(source))
                                .map(target -> new Route(cluster.name(), source, target)));
    }

    /** Every two stores that hold the same cluster's WAL. */
    public List<StorePair> pairs() {
        List<StorePair> pairs = new ArrayList<>();
        for (ClusterConfig cluster : config.clusters().values()) {
            List<StoreName> copies = copies(cluster.tier());
            for (int first = 0; first < copies.size(); first++) {
                for (StoreName second : copies.subList(first + 1, copies.size())) {
                    pairs.add(
                            new StorePair(
                                    cluster.name(), cluster.tier(), copies.get(first), second));
                }
            }
        }
        return List.copyOf(pairs);
    }

    private List<StoreName> copies(Tier tier) {
        return config.policy(tier).run().copies();
    }
}

package io.cairn.catalog.sql;

import io.cairn.catalog.backup.BackupState;
import io.cairn.catalog.backup.RequiredCopies;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.record.Shredded;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@link io.cairn.catalog.backup.CataloguedBackup#state} as conditions on a backup {@code r}, so
 * that a page can be cut by the database.
 */
final class BackupConditions {

    private static final String INVALID =
            "exists (select 1 from CopyRow c where c.backup = r.id and c.invalid)";
    private static final String VERIFIED =
            "exists (select 1 from CopyRow c where c.backup = r.id and c.verified)";

    private final RequiredCopies required;

    BackupConditions(RequiredCopies required) {
        this.required = required;
    }

    /**
     * @param shredded the lives whose keys were shredded: what was completed until then is in that
     *     state and no other
     */
    Conditions in(BackupState state, Map<ClusterRoot, Shredded> shredded, Conditions conditions) {
        String isShredded = shredded(shredded, conditions);
        if (state == BackupState.SHREDDED) {
            return conditions.and(isShredded);
        }
        return in(state, conditions.and("not (" + isShredded + ")"));
    }

    private static String shredded(Map<ClusterRoot, Shredded> shredded, Conditions conditions) {
        List<String> lives = new ArrayList<>();
        shredded.forEach((root, record) -> {
            String life = "life" + lives.size();
            conditions
                    .with(life + "Cluster", root.cluster().value())
                    .with(life + "System", root.systemIdentifier().toString())
                    .with(life + "At", record.at());
            lives.add(
                    "(r.cluster = :%1$sCluster and r.systemIdentifier = :%1$sSystem and r.completedAt <= :%1$sAt)"
                            .formatted(life));
        });
        return lives.isEmpty() ? "1 = 0" : String.join(" or ", lives);
    }

    Conditions in(BackupState state, Conditions conditions) {
        return switch (state) {
            case SHREDDED -> throw new IllegalArgumentException("no finding says so");
            case DAMAGED -> conditions.and("r.damaged");
            case INVALID -> conditions.and("not r.damaged").and(INVALID);
            case COMPLETE -> restorable(conditions).and("not " + VERIFIED);
            case VERIFIED -> notEverywhere(restorable(conditions).and(VERIFIED));
            case PROTECTED -> everywhere(restorable(conditions).and(VERIFIED));
        };
    }

    /** Neither damaged nor found invalid. */
    Conditions restorable(Conditions conditions) {
        return conditions.and("not r.damaged").and("not " + INVALID);
    }

    Conditions verified(Conditions conditions) {
        return restorable(conditions).and(VERIFIED);
    }

    private Conditions everywhere(Conditions conditions) {
        return bindStores(conditions.and(completeEverywhere()));
    }

    private Conditions notEverywhere(Conditions conditions) {
        return bindStores(conditions.and("not (" + completeEverywhere() + ")"));
    }

    private String completeEverywhere() {
        List<String> tiers =
                required.byTier().keySet().stream()
                        .map(tier ->
                                """
                                r.tier = :%1$s and (select count(*) from CopyRow c
                                    where c.backup = r.id and c.complete and c.store in :%1$sStores) = :%1$sCount\
                                """
                                        .formatted(tier.id()))
                        .toList();
        return tiers.isEmpty() ? "false" : String.join(" or ", tiers);
    }

    private Conditions bindStores(Conditions conditions) {
        for (Map.Entry<Tier, List<StoreName>> entry : required.byTier().entrySet()) {
            String tier = entry.getKey().id();
            conditions
                    .with(tier, tier)
                    .with(tier + "Stores", entry.getValue().stream().map(StoreName::value).toList())
                    .with(tier + "Count", (long) entry.getValue().size());
        }
        return conditions;
    }
}

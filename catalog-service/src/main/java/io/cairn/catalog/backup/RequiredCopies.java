package io.cairn.catalog.backup;

import io.cairn.config.CairnConfig;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The stores that must hold a backup, by tier, as the policies in force name them; the first is the
 * active one.
 */
public record RequiredCopies(Map<Tier, List<StoreName>> byTier) {

    public RequiredCopies {
        byTier = Map.copyOf(byTier);
    }

    public static RequiredCopies of(CairnConfig config) {
        Map<Tier, List<StoreName>> copies = new EnumMap<>(Tier.class);
        config.tiers().forEach((tier, policy) -> copies.put(tier, policy.run().copies()));
        return new RequiredCopies(copies);
    }

    public List<StoreName> of(Tier tier) {
        return byTier.getOrDefault(tier, List.of());
    }
}

package io.cairn.catalog.rounds;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How often the rounds are made: {@code 5s}, {@code 15m}, {@code 1h}; {@code off} for never. */
@ConfigMapping(prefix = "cairn.catalog.rounds")
interface RoundSettings {

    /** Records that are not yet objects are written. */
    @WithDefault("5s")
    String records();

    /** What is measured is looked up again. */
    @WithDefault("15s")
    String metrics();

    /** Legal holds, and releases, are brought into every store. */
    @WithDefault("15s")
    String holds();

    /** The locks of complete backups are extended, where a tier's policy has locks. */
    @WithDefault("1m")
    String locks();

    /** The stores are asked whose keys were shredded. */
    @WithDefault("5m")
    String keys();

    /** The volumes of drilled backups are let go to their archive class, where a policy has one. */
    @WithDefault("15m")
    String archive();

    /** The buckets are looked through for backups that no event told of; at the start as well. */
    @WithDefault("1h")
    String reconcile();
}

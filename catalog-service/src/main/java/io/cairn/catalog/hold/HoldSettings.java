package io.cairn.catalog.hold;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How legal holds are placed. */
@ConfigMapping(prefix = "cairn.catalog.hold")
interface HoldSettings {

    /** Objects that are held, or let go, at once, 1 to 256. */
    @WithDefault("8")
    int parallel();
}

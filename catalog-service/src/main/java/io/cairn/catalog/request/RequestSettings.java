package io.cairn.catalog.request;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is allowed to requests. */
@ConfigMapping(prefix = "cairn.catalog.request")
interface RequestSettings {

    /** How long after the request its run may still start. */
    @WithDefault("1h")
    Duration startDeadline();
}

package io.cairn.catalog.projection;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How events become rows. */
@ConfigMapping(prefix = "cairn.catalog.projection")
public interface ProjectionSettings {

    /**
     * How long a batch is tried again while the database does not answer. Then the service says
     * that it is not alive and is to be restarted; nothing is lost, since what was not projected is
     * read again.
     */
    @WithDefault("5m")
    Duration retryFor();

    /** Pause before the first retry; doubles with each, up to {@link #retryPauseMax()}. */
    @WithDefault("200ms")
    Duration retryPause();

    @WithDefault("10s")
    Duration retryPauseMax();
}

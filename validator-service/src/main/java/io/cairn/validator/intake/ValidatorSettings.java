package io.cairn.validator.intake;

import io.cairn.restore.drill.DrillSettings;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** How this validator works. */
@ConfigMapping(prefix = "cairn.validator")
interface ValidatorSettings {

    /** Proofs at once, 1 to 16; each takes a restored cluster's room in {@link #scratch()}. */
    @WithDefault("1")
    int proofs();

    /** Where clusters are restored to for drills; needs room for the largest. */
    @WithDefault("/var/lib/cairn/scratch")
    Path scratch();

    /** After SIGTERM: how long a running proof may go on before it is given to another validator. */
    @WithDefault("25s")
    Duration drainTimeout();

    Drilling drill();

    /** The drilled server. */
    interface Drilling {

        /** 16 or more. */
        @WithDefault("64")
        int sharedBuffersMegabytes();

        /** Libraries that a drilled server preloads where its source does. */
        Optional<Set<String>> preloadLibraries();

        /** How long recovery may take. */
        @WithDefault("1h")
        Duration startTimeout();

        /** How long a whole drill may take. */
        @WithDefault("24h")
        Duration limit();
    }

    default DrillSettings toDrillSettings(java.util.Map<Integer, Path> postgres) {
        DrillSettings defaults = DrillSettings.in(scratch());
        return new DrillSettings(
                scratch(),
                postgres,
                drill().sharedBuffersMegabytes(),
                drill().preloadLibraries().orElse(Set.of()),
                drill().startTimeout(),
                drill().limit(),
                defaults.restore());
    }
}

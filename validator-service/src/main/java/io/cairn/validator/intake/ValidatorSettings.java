package io.cairn.validator.intake;

import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.drill.DrillSettings;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.validator.daily.RereadSettings;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
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

    /** Room that one drill may take there, from 1 MiB; only the disk bounds it by default. */
    Optional<MemorySize> scratchLimit();

    /**
     * After SIGTERM: how long a running proof may go on before it is given to another validator.
     */
    @WithDefault("25s")
    Duration drainTimeout();

    Reading reading();

    Drilling drill();

    Rereading reread();

    KeyChecks keyCheck();

    /** Opening what was stored last. */
    interface KeyChecks {

        /** Beside the one at the start; what could not be looked at for twice that is not known. */
        @WithDefault("24h")
        Duration every();
    }

    /** Reading stored backups again. */
    interface Rereading {

        /** Every so many days each backup is read in each store, from 1 day. */
        @WithDefault("30d")
        Duration every();

        /** Stored bytes of a cluster's backups that are read in a store on one day. */
        @WithDefault("1024G")
        MemorySize bytesPerDay();
    }

    /** How backups are read, for both stages. */
    interface Reading {

        /** Volumes fetched and decoded at once, 1 to 256; two for each core by default. */
        OptionalInt threads();

        /** Memory for them: with large volumes fewer are read at once. */
        @WithDefault("256M")
        MemorySize memory();
    }

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

    default DrillSettings toDrillSettings(Map<Integer, Path> postgres) {
        return new DrillSettings(
                scratch(),
                postgres,
                drill().sharedBuffersMegabytes(),
                drill().preloadLibraries().orElse(Set.of()),
                drill().startTimeout(),
                drill().limit(),
                new RestoreSettings(toReadSettings(), RestoreSettings.SYNC_THREADS_DEFAULT),
                scratchLimit()
                        .map(limit -> OptionalLong.of(limit.asLongValue()))
                        .orElseGet(OptionalLong::empty));
    }

    default RereadSettings toRereadSettings() {
        return new RereadSettings(reread().every(), reread().bytesPerDay().asLongValue());
    }

    default ReadSettings toReadSettings() {
        ReadSettings defaults = ReadSettings.defaults();
        return defaults.withThreads(reading().threads().orElse(defaults.threads()))
                .withMemoryBytes(reading().memory().asLongValue());
    }
}

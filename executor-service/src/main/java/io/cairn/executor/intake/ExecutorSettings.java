package io.cairn.executor.intake;

import io.cairn.executor.basebackup.ChainSettings;
import io.cairn.executor.basebackup.PipelineSettings;
import io.cairn.executor.basebackup.RunSettings;
import io.cairn.executor.publish.QueuedRunEvents;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.OptionalInt;

/** How this executor works. */
@ConfigMapping(prefix = "cairn.executor")
interface ExecutorSettings {

    /** Runs at once for each tier, 1 to 64; each takes up to 512 MiB. */
    @WithDefault("1")
    int runs();

    /** After SIGTERM: how long running runs may go on before they are given to others. */
    @WithDefault("25s")
    Duration drainTimeout();

    /**
     * How long a store may take nothing before runs and WAL streams go on in the next one of the
     * policy.
     */
    @WithDefault("30s")
    Duration failoverAfter();

    Intake intake();

    Run run();

    Chain chain();

    Pipeline pipeline();

    /** How due events are taken. */
    interface Intake {

        /**
         * How long after the last sign of life of its executor a run is given to another; 15 s to
         * 60 s.
         */
        @WithDefault("30s")
        Duration lock();

        /** Deliveries of a due event before it goes to the dead letter topic, 1 to 7. */
        @WithDefault("7")
        int deliveries();
    }

    /** The limits of a run. */
    interface Run {

        /** Attempts of one delivery, 1 to 20. */
        @WithDefault("5")
        int attempts();

        /** Before the second attempt; doubles up to {@code retry-pause-max}. */
        @WithDefault("5s")
        Duration retryPause();

        @WithDefault("5m")
        Duration retryPauseMax();

        /** How often the fence is looked at while another holds it. */
        @WithDefault("2s")
        Duration fenceLook();

        /**
         * How long the holder of a fence may stand still, once its event has come back, before its
         * session is ended.
         */
        @WithDefault("10m")
        Duration stallTimeout();

        /** How often progress is told, at most 5 s. */
        @WithDefault("2s")
        Duration progressEvery();

        /** How long the end of a run waits for the broker before the event is given back. */
        @WithDefault("10m")
        Duration publishTimeout();
    }

    /** The limits of incrementals and log backups, which need others. */
    interface Chain {

        /** Most incrementals that follow each other on one full, 0 to 1000; 0 for none at all. */
        @WithDefault("24")
        int incrementals();

        /** How old a full may be for anything to build on it. */
        @WithDefault("2d")
        Duration age();

        /** How long the server may take to summarize its WAL before a full is taken instead. */
        @WithDefault("5m")
        Duration summaryWait();

        /**
         * How fast a restore goes, in MB/s, 1 to 1000000: a chain whose restore would take longer
         * than the tier's RTO goes on with a new full. What the last drill of the chain measured
         * counts instead, if it restored a GB or more.
         */
        @WithDefault("100")
        int restoreRate();

        /** How long a log backup waits until its WAL is stored. */
        @WithDefault("5m")
        Duration walWait();
    }

    /** How much of the machine a run takes. */
    interface Pipeline {

        /** Threads that compress, 1 to 256; one for each core by default. */
        OptionalInt compressors();

        /** Memory for volumes that are filled and stored: as many are stored at once as fit. */
        @WithDefault("192M")
        MemorySize volumeMemory();
    }

    default RunSettings toRunSettings() {
        Run run = run();
        return new RunSettings(
                run.attempts(),
                run.retryPause(),
                run.retryPauseMax(),
                run.fenceLook(),
                run.stallTimeout(),
                run.progressEvery(),
                new ChainSettings(
                        chain().incrementals(),
                        chain().age(),
                        chain().summaryWait(),
                        chain().walWait(),
                        chain().restoreRate()),
                failoverAfter());
    }

    default PipelineSettings toPipelineSettings() {
        return new PipelineSettings(
                pipeline().compressors().orElse(PipelineSettings.DEFAULT.compressors()),
                pipeline().volumeMemory().asLongValue());
    }

    default QueuedRunEvents.Limits toEventLimits() {
        return QueuedRunEvents.Limits.DEFAULT.withPublishTimeout(run().publishTimeout());
    }
}

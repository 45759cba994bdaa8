package io.cairn.scheduler.dispatch;

import io.cairn.model.BackupKind;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.scheduler.firing.CursorStart;
import io.cairn.scheduler.firing.FiringRules;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Set;

/** The scheduler's own settings; what is due when is in the configuration file. */
@ConfigMapping(prefix = "cairn.scheduler")
public interface DispatchSettings {

    Duration TICK_MIN = Duration.ofMillis(100);
    Duration TICK_MAX = Duration.ofSeconds(30);

    /**
     * How often the clock is looked at, and so how late a due time may be published; 100 ms to 30
     * s.
     */
    @WithDefault("1s")
    Duration tick();

    /**
     * Kinds of scheduled backups that executors take. The others stay unpublished, which the start
     * says.
     */
    @WithDefault("full,incremental,log,snapshot")
    Set<BackupKind> kinds();

    /**
     * The same for every instance of a deployment: the one that starts last is in charge, the
     * others end.
     */
    @WithDefault("cairn-scheduler")
    String transactionalId();

    /** Where the cursor stands at the start. */
    @WithDefault("keep")
    CursorStart cursor();

    /** A due time that is looked at later than this counts as missed; 1 minute to 1 hour. */
    @WithDefault("5m")
    Duration lateAfter();

    /**
     * At most so many missed due times of one schedule are published or announced, the latest; 1 to
     * 10000.
     */
    @WithDefault("1000")
    int catchUpLimit();

    /** How long an idempotency key is remembered; 1 hour to 365 days. */
    @WithDefault("7d")
    Duration requestMemory();

    /**
     * How far in the future a request may say it was made, and the clock may be behind; 1 second to
     * 1 hour.
     */
    @WithDefault("5m")
    Duration clockTolerance();

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    default FiringRules rules() {
        return new FiringRules(lateAfter(), catchUpLimit(), requestMemory(), clockTolerance());
    }

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    default Duration checkedTick() {
        if (tick().compareTo(TICK_MIN) < 0 || tick().compareTo(TICK_MAX) > 0) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "cairn.scheduler.tick is out of range",
                    "use " + TICK_MIN.toMillis() + "ms to " + TICK_MAX.toSeconds() + "s");
        }
        return tick();
    }
}

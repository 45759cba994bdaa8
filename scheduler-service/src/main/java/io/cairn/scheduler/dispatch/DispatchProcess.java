package io.cairn.scheduler.dispatch;

import io.cairn.config.CairnConfig;
import io.cairn.model.error.CairnException;
import io.cairn.scheduler.dispatch.kafka.KafkaScheduleLog;
import io.cairn.scheduler.firing.Scheduler;
import io.cairn.scheduler.policy.SchedulePlan;
import io.cairn.service.kafka.KafkaSettings;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the loop while the process lives, and ends the process when the loop ends by itself: a
 * scheduler that was shut out must not seem to work.
 */
@ApplicationScoped
class DispatchProcess {

    private static final Logger LOG = Logger.getLogger(DispatchProcess.class);
    private static final Duration END_MAX = Duration.ofSeconds(10);
    private static final int EXIT_FAILED = 1;

    private final CairnConfig config;
    private final DispatchSettings settings;
    private final KafkaSettings kafka;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final DispatchStatus status;
    private @Nullable Dispatcher dispatcher;
    private @Nullable Thread thread;

    @Inject
    DispatchProcess(
            CairnConfig config,
            DispatchSettings settings,
            KafkaSettings kafka,
            InstantSource clock,
            RandomGenerator random,
            DispatchStatus status) {
        this.config = config;
        this.settings = settings;
        this.kafka = kafka;
        this.clock = clock;
        this.random = random;
        this.status = status;
    }

    void onStart(@Observes StartupEvent event) {
        SchedulePlan plan = SchedulePlan.of(config, settings.kinds());
        plan.notTaken()
                .forEach(schedule ->
                        LOG.warnf(
                                "Not published: %s backups of tier %s, scheduled '%s'; cairn.scheduler.kinds leaves them out",
                                schedule.kind(), schedule.tier(), schedule.cron()));
        Dispatcher loop =
                new Dispatcher(
                        new Scheduler(plan, settings.rules()),
                        new KafkaScheduleLog(kafka.client(), settings.transactionalId(), random),
                        clock,
                        settings.cursor(),
                        settings.checkedTick(),
                        status);
        dispatcher = loop;
        thread = Thread.ofPlatform().daemon().name("dispatch").start(() -> run(loop));
    }

    private static void run(Dispatcher loop) {
        try {
            loop.run();
        } catch (CairnException e) {
            LOG.errorf("The scheduler ends: %s: %s", e.code(), e.messageWithHint());
            Quarkus.asyncExit(EXIT_FAILED);
        } catch (RuntimeException e) {
            LOG.error(
                    "The scheduler ends, which is a defect in it. hint: please report it with this log",
                    e);
            Quarkus.asyncExit(EXIT_FAILED);
        }
    }

    void onStop(@Observes ShutdownEvent event) throws InterruptedException {
        if (dispatcher == null || thread == null) {
            return;
        }
        dispatcher.close();
        if (!thread.join(END_MAX)) {
            // It waits for a broker that is away; what it had not committed never happened.
            thread.interrupt();
            thread.join(END_MAX);
        }
    }
}

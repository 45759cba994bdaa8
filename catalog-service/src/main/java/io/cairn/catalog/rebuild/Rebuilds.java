package io.cairn.catalog.rebuild;

import io.cairn.model.error.CairnException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds in the background, one at a time. Only the latest is remembered, and only by this
 * process: one that died with its process has changed nothing. Thread-safe.
 */
@ApplicationScoped
public class Rebuilds {

    private static final Logger LOG = Logger.getLogger(Rebuilds.class);

    private final CatalogRebuild rebuild;
    private final InstantSource clock;
    private @Nullable Job latest;

    @Inject
    Rebuilds(CatalogRebuild rebuild, InstantSource clock) {
        this.rebuild = rebuild;
        this.clock = clock;
    }

    /** How a rebuild ended, or that it has not. */
    public sealed interface State {}

    public record Running() implements State {}

    public record Completed(Instant at, CatalogRebuild.Report report) implements State {}

    /** Nothing was changed. */
    public record Failed(Instant at, CairnException reason) implements State {}

    /**
     * A rebuild as it was seen just now.
     *
     * @param id of this rebuild, random
     * @param objectsFound commit objects and records that were listed so far
     * @param objectsRead of those, the ones that were read
     */
    public record Rebuild(
            String id, Instant startedAt, long objectsFound, long objectsRead, State state) {}

    /** Starts one, unless one is running: then that is the answer. */
    public synchronized Rebuild start() {
        if (latest == null || !latest.isRunning()) {
            latest = new Job(clock.instant());
            Thread.ofVirtual().name("catalog-rebuilds").start(latest);
        }
        return latest.seen();
    }

    /** The one that runs, or the one that ran last since this process started. */
    public synchronized Optional<Rebuild> latest() {
        return Optional.ofNullable(latest).map(Job::seen);
    }

    private final class Job implements Runnable {

        private final String id = UUID.randomUUID().toString();
        private final Instant startedAt;
        private final RebuildProgress progress = new RebuildProgress();
        private volatile State state = new Running();

        Job(Instant startedAt) {
            this.startedAt = startedAt;
        }

        @Override
        public void run() {
            try {
                state = new Completed(clock.instant(), rebuild.run(progress));
            } catch (CairnException e) {
                LOG.errorf("The rebuild %s failed: %s: %s", id, e.code(), e.messageWithHint());
                state = new Failed(clock.instant(), e);
            } catch (RuntimeException e) {
                LOG.errorf(e, "The rebuild %s ended by a defect", id);
                state =
                        new Failed(
                                clock.instant(),
                                CairnException.bug("the rebuild failed inside the service"));
            }
        }

        boolean isRunning() {
            return state instanceof Running;
        }

        Rebuild seen() {
            // The state first: what was read until then is not more than what is told.
            State now = state;
            return new Rebuild(id, startedAt, progress.objectsFound(), progress.objectsRead(), now);
        }
    }
}

package io.cairn.restore.drill;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends a drill that takes longer, or more room, than it may: interrupts the thread that opened it,
 * and kills the server that thread waits for.
 */
final class DrillGuard implements AutoCloseable {

    /** How often the room is looked at; less often where looking takes long. */
    private static final Duration PAUSE_MIN = Duration.ofMillis(200);

    private static final int PAUSE_TIMES_LOOK = 10;

    private enum Verdict {
        LATE,
        TOO_LARGE
    }

    private final Path directory;
    private final Duration limit;
    private final OptionalLong bytesMax;
    private final Thread drill = Thread.currentThread();
    private final Thread watch;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicReference<@Nullable Verdict> verdict = new AtomicReference<>();
    private final AtomicReference<@Nullable Runnable> kill = new AtomicReference<>();

    private DrillGuard(Path directory, DrillSettings settings) {
        this.directory = directory;
        this.limit = settings.limit();
        this.bytesMax = settings.scratchBytesMax();
        this.watch = Thread.ofVirtual().name("cairn-drill-guard").unstarted(this::watch);
    }

    /** Guards what the calling thread does in a directory. */
    static DrillGuard over(Path directory, DrillSettings settings) {
        DrillGuard guard = new DrillGuard(directory, settings);
        guard.watch.start();
        return guard;
    }

    private void watch() {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (true) {
                long look = System.nanoTime();
                if (look >= deadline) {
                    end(Verdict.LATE);
                    return;
                }
                if (bytesMax.isPresent() && bytes(directory) > bytesMax.getAsLong()) {
                    end(Verdict.TOO_LARGE);
                    return;
                }
                long now = System.nanoTime();
                long pause = Math.max(PAUSE_MIN.toNanos(), PAUSE_TIMES_LOOK * (now - look));
                if (closed.await(Math.min(deadline - now, pause), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            throw CairnException.bug("nobody interrupts the guard of a drill");
        }
    }

    private void end(Verdict found) {
        verdict.set(found);
        drill.interrupt();
        Runnable server = kill.get();
        if (server != null) {
            server.run();
        }
    }

    /** What is to be killed from now on, so that a query in it ends. */
    void kills(Runnable server) {
        kill.set(server);
        if (verdict.get() != null) {
            server.run();
        }
    }

    /**
     * Files come and go while they are counted. What was restored is no longer than its files say.
     */
    private static long bytes(Path root) {
        AtomicLong sum = new AtomicLong();
        try {
            Files.walkFileTree(
                    root,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes found) {
                            sum.addAndGet(found.size());
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e) {
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path visited, @Nullable IOException e) {
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw CairnException.bug("every failure of the walk is passed over");
        }
        return sum.get();
    }

    /**
     * To be asked after {@link #close()}, of a drill that failed or was interrupted.
     *
     * @throws CairnException {@link ErrorCode#RUN_DEADLINE_PASSED} if it took too long; {@link
     *     ErrorCode#TARGET_NO_SPACE} if it took too much room
     */
    void requireWithinLimits(Exception failure) {
        Verdict found = verdict.get();
        if (found == null) {
            return;
        }
        CairnException cause =
                switch (found) {
                    case LATE ->
                            new CairnException(
                                    ErrorCode.RUN_DEADLINE_PASSED,
                                    "the drill was ended, it still worked after "
                                            + limit.toSeconds()
                                            + " s",
                                    "raise the drill's limit, or drill on a faster machine");
                    case TOO_LARGE -> tooLarge("it grew past", bytesMax.getAsLong());
                };
        cause.addSuppressed(failure);
        throw cause;
    }

    static CairnException tooLarge(String what, long bytesMax) {
        return new CairnException(
                ErrorCode.TARGET_NO_SPACE,
                "the drill does not fit: %s the %d MiB of its scratch limit"
                        .formatted(what, bytesMax >> 20),
                "raise cairn.validator.scratch-limit");
    }

    /** From now on nothing is ended any more; an interrupt that came from here is taken back. */
    @Override
    public void close() {
        closed.countDown();
        boolean interrupted = joined();
        if (interrupted && verdict.get() == null) {
            drill.interrupt();
        }
    }

    private boolean joined() {
        boolean interrupted = Thread.interrupted();
        while (true) {
            try {
                watch.join();
                // Takes the flag back in any case.
                boolean since = Thread.interrupted();
                return interrupted || since;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }
}

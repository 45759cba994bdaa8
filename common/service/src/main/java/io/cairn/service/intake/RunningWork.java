package io.cairn.service.intake;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A {@link WorkItem} on its virtual thread. */
final class RunningWork {

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Settlement settlement;

    private RunningWork(WorkItem item) {
        this.thread = Thread.ofVirtual().name("work-" + item).unstarted(() -> run(item));
    }

    static RunningWork start(WorkItem item) {
        RunningWork work = new RunningWork(item);
        work.thread.start();
        return work;
    }

    private void run(WorkItem item) {
        try {
            settlement = item.call();
        } catch (InterruptedException e) {
            settlement = Settlement.RELEASE;
        } finally {
            ended.countDown();
        }
    }

    /** Whether it ends within {@code limit}. */
    boolean endsWithin(Duration limit) throws InterruptedException {
        return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    void interrupt() {
        thread.interrupt();
    }

    /** Work that has not come to a settlement is released. */
    Settlement settlement() {
        Settlement settled = settlement;
        return settled == null ? Settlement.RELEASE : settled;
    }
}

package io.cairn.service.intake;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whether the intake takes no more work; ends every pause when it begins. */
final class Closing {

    private final CountDownLatch begun = new CountDownLatch(1);

    void begin() {
        begun.countDown();
    }

    boolean hasBegun() {
        return begun.getCount() == 0;
    }

    /**
     * Waits, but not past the beginning of the close.
     *
     * @return whether the close has begun
     */
    boolean pause(Duration duration) throws InterruptedException {
        return begun.await(duration.toMillis(), TimeUnit.MILLISECONDS);
    }
}

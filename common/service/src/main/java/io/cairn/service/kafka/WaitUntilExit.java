package io.cairn.service.kafka;

/**
 * Interrupts the thread that waits when this process is told to end: nothing else ends a start that
 * waits for days.
 */
final class WaitUntilExit implements AutoCloseable {

    private final Thread hook;

    private WaitUntilExit(Thread hook) {
        this.hook = hook;
    }

    /** From now on until it is closed the calling thread waits. */
    static WaitUntilExit begin() {
        Thread hook = new Thread(Thread.currentThread()::interrupt, "end the wait for the broker");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The end has begun.
            Thread.currentThread().interrupt();
        }
        return new WaitUntilExit(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The end has begun, and the hook has run or will: both is as it should be.
            return;
        }
    }
}

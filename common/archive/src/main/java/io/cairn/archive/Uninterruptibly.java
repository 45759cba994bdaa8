package io.cairn.archive;

/** For waiting that must end before memory is freed: an interrupt is kept for afterwards. */
final class Uninterruptibly {

    interface Wait {
        /** Waits for something that, once it has happened, does not make this wait again. */
        void await() throws InterruptedException;
    }

    private Uninterruptibly() {}

    static void run(Wait wait) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    wait.await();
                    return;
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

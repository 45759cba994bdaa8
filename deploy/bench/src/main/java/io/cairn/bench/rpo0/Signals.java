package io.cairn.bench.rpo0;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Signals that are sent without a process of their own, so that they come at once: what a store
 * takes between a look at the acknowledged numbers and its standstill hides a loss.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/kill.2.html">kill(2)</a>
 */
final class Signals {

    private static final int SIGCONT = 18;
    private static final int SIGSTOP = 19;

    // A signal to a process of ours: nothing of this one can be corrupted.
    @SuppressWarnings("restricted")
    private final MethodHandle kill =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT));

    /** It stands still; its connections stay open. */
    void suspend(long pid) {
        send(pid, SIGSTOP);
    }

    void resume(long pid) {
        send(pid, SIGCONT);
    }

    private void send(long pid, int signal) {
        int result;
        try {
            result = (int) kill.invokeExact(Math.toIntExact(pid), signal);
        } catch (Throwable e) {
            throw new IllegalStateException("kill(2) cannot be called", e);
        }
        if (result != 0) {
            throw new IllegalStateException("process " + pid + " takes no signal " + signal);
        }
    }
}

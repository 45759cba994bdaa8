package io.cairn.local;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@code deploy/local/scale oltp=3}: asks the running supervisor for more or fewer executors of a
 * tier.
 */
public final class Scale {

    /** More than executors may take to end their runs, or one to start. */
    private static final Duration SILENCE = Executors.DRAIN.plusMinutes(1);

    private Scale() {}

    public static void main(String[] words) {
        if (words.length != 1 || !words[0].contains("=")) {
            System.err.println("usage: deploy/local/scale TIER=N, for example oltp=3");
            System.exit(2);
        }
        AtomicBoolean failed = new AtomicBoolean();
        try {
            boolean whole =
                    ControlClient.send(
                            StateFolder.CONTROL_SOCKET,
                            "scale " + words[0],
                            SILENCE,
                            line -> {
                                // What follows an error belongs to it.
                                failed.compareAndSet(false, line.startsWith("error: "));
                                (failed.get() ? System.err : System.out).println(line);
                            });
            if (!whole) {
                System.err.println(
                        "scale: the platform ended before it was done. hint: start it again with deploy/local/up");
                System.exit(1);
            }
        } catch (SocketTimeoutException e) {
            System.err.println(
                    "scale: "
                            + e.getMessage()
                            + ". hint: end it with deploy/local/down, and start it again");
            System.exit(1);
        } catch (IOException e) {
            System.err.println(
                    "scale: the platform is not running. hint: start it with deploy/local/up");
            System.exit(8);
        }
        System.exit(failed.get() ? 1 : 0);
    }
}

package io.cairn.local;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@code deploy/local/scale oltp=3}: asks the running supervisor for more or fewer executors of a
 * tier.
 */
public final class Scale {

    private Scale() {}

    public static void main(String[] words) {
        if (words.length != 1 || !words[0].contains("=")) {
            System.err.println("usage: deploy/local/scale TIER=N, for example oltp=3");
            System.exit(2);
        }
        AtomicBoolean failed = new AtomicBoolean();
        try {
            ControlClient.send(
                    StateFolder.CONTROL_SOCKET,
                    "scale " + words[0],
                    line -> {
                        boolean error = line.startsWith("error: ");
                        failed.compareAndSet(false, error);
                        (error ? System.err : System.out).println(line);
                    });
        } catch (IOException e) {
            System.err.println(
                    "scale: the platform is not running. hint: start it with deploy/local/up");
            System.exit(8);
        }
        System.exit(failed.get() ? 1 : 0);
    }
}

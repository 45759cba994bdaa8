package io.cairn.service.boot;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * The main class of every service. A service that cannot start says why in one line on stderr,
 * ending in a hint, and exits with 1: no stack trace, which would bury the line.
 */
@QuarkusMain
public final class ServiceMain {

    private ServiceMain() {}

    public static void main(String... args) {
        try {
            Quarkus.run(null, (code, failure) -> exit(code, failure, System.err), args);
        } catch (Throwable e) {
            // Quarkus reports exceptions to the handler; what arrives here was thrown while classes
            // were initialized.
            exit(1, e, System.err);
        }
    }

    private static void exit(int code, @Nullable Throwable failure, PrintStream err) {
        if (failure == null) {
            System.exit(code);
        } else {
            err.println(StartFailure.line(failure));
            System.exit(code == 0 ? 1 : code);
        }
    }
}

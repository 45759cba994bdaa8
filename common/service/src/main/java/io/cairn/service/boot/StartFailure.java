package io.cairn.service.boot;

import io.cairn.model.error.CairnException;
import io.quarkus.runtime.QuarkusBindException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedSet;

/** The one line about a failed start. */
final class StartFailure {

    private StartFailure() {}

    static String line(Throwable failure) {
        SequencedSet<Throwable> chain = chain(failure);
        Optional<String> known =
                chain.stream().map(StartFailure::known).flatMap(Optional::stream).findFirst();
        return "cannot start: " + known.orElseGet(() -> unknown(chain));
    }

    private static Optional<String> known(Throwable failure) {
        return switch (failure) {
            case CairnException e -> Optional.of(e.code() + ": " + e.messageWithHint());
            case QuarkusBindException e ->
                    Optional.of(
                            "port "
                                    + e.getPort()
                                    + " is taken. hint: stop what listens there, or set QUARKUS_HTTP_PORT");
            default -> Optional.empty();
        };
    }

    /**
     * The root says best what went wrong; SmallRye's configuration errors, one per line, become one
     * line.
     */
    private static String unknown(SequencedSet<Throwable> chain) {
        Throwable root = chain.getLast();
        String message =
                root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        String line =
                message.strip().replaceAll(":\\s*\\R\\s*", ": ").replaceAll("\\s*\\R\\s*", "; ");
        return line + " hint: check the service's settings; QUARKUS_LOG_LEVEL=DEBUG shows more";
    }

    private static SequencedSet<Throwable> chain(Throwable failure) {
        SequencedSet<Throwable> chain = new LinkedHashSet<>();
        for (Throwable e = failure; e != null && chain.add(e); e = e.getCause()) {
            // Each step is in the condition.
        }
        return chain;
    }
}

package io.cairn.bench;

import io.cairn.model.error.CairnException;
import java.io.PrintStream;
import java.util.List;

/** How a measurement is run from the command line, and what it says by its exit code. */
public final class Bench {

    public static final int MEASURED = 0;
    public static final int FAILED = 1;
    public static final int MISUSE = 2;

    /** It ran, but nothing may be claimed of the figures. */
    public static final int NO_CLAIM = 3;

    private Bench() {}

    @FunctionalInterface
    public interface Measurement {

        /** Returns the exit code. */
        int run(List<String> arguments, PrintStream out) throws Exception;
    }

    /** Ends the process. */
    public static void exit(String usage, String[] arguments, Measurement measurement) {
        System.exit(run(usage, List.of(arguments), measurement));
    }

    private static int run(String usage, List<String> arguments, Measurement measurement) {
        try {
            return measurement.run(arguments, System.out);
        } catch (Arguments.Misuse e) {
            System.err.println("bench: " + e.getMessage());
            System.err.println(usage);
            return MISUSE;
        } catch (CairnException e) {
            System.err.println("bench: " + e.messageWithHint());
            return FAILED;
        } catch (Exception e) {
            // Whoever runs this works on Cairn: the trace is what they need.
            e.printStackTrace(System.err);
            return FAILED;
        }
    }
}

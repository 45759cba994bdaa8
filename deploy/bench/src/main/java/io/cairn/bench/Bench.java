package io.cairn.bench;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /** Whether what compresses here is what an executor has; says so where it is not. */
    public static boolean mayClaim(PrintStream out) {
        if (GzipCodec.libdeflate().isPresent()) {
            return true;
        }
        out.println(
                "libdeflate is not installed, and with "
                        + GzipCodec.best().name()
                        + " nothing is claimed. hint: apt-get install libdeflate0");
        return false;
    }

    /**
     * @throws CairnException {@link ErrorCode#TARGET_NO_SPACE} if the directory's disk has less
     *     left
     */
    public static void requireSpace(Path directory, long bytes) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < bytes) {
            throw new CairnException(
                    ErrorCode.TARGET_NO_SPACE,
                    "%s has %.1f GB free, the bench needs %.1f GB"
                            .formatted(directory, free / 1e9, bytes / 1e9),
                    "set TMPDIR to a directory with more room, or give a smaller --size");
        }
    }
}

package io.cairn.bench.month;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class MonthIT {

    private static final int STEPS = 24;
    private static final int BOOTS = 1;
    private static final long SEED = 20_261_123;

    @TempDir private Path temporary;

    /** {@code ./dev bench month} goes on for longer, and begins with another seed each time. */
    @Test
    @Timeout(300)
    void whatIsListedRestoresThroughAShortMonth() throws Exception {
        // PostgreSQL runs as another user where this one is root, and must get through.
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));

        try (Month month = Month.prepare(new Options(temporary, STEPS, BOOTS, SEED), System.out)) {
            List<String> violations = month.run();

            assertThat(violations).isEmpty();
            assertThat(month.boots()).isGreaterThanOrEqualTo(BOOTS);
        }
    }
}

package io.cairn.bench.month;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class MonthIT {

    private static final int STEPS = 24;
    private static final int BOOTS = 1;
    private static final long SEED = 20_261_123;
    private static final int GUARDS = 1;

    @TempDir private Path temporary;

    /** PostgreSQL runs as another user where this one is root, and must get through. */
    @BeforeEach
    void letThrough() throws Exception {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    /** {@code ./dev bench month} goes on for longer, and begins with another seed each time. */
    @Test
    @Timeout(300)
    void whatIsListedRestoresThroughAShortMonth() throws Exception {
        try (Month month = Month.prepare(Options.of(temporary, STEPS, BOOTS, SEED), System.out)) {
            List<Violation> violations = month.run();

            assertThat(violations).isEmpty();
            assertThat(month.boots()).isGreaterThanOrEqualTo(BOOTS);
        }
    }

    /** Another each time; {@code ./dev bench month --guards} takes all of them away. */
    @Test
    @Timeout(300)
    void aMonthWithoutOneOfItsGuardsViolatesWhatThatKeeps() throws Exception {
        long seed = System.nanoTime();
        List<Guard> some =
                new Random(seed)
                        .ints(0, Guard.values().length)
                        .distinct()
                        .limit(GUARDS)
                        .mapToObj(number -> Guard.values()[number])
                        .toList();
        try (GuardRuns runs = GuardRuns.prepare(Options.of(temporary, 0, 0, SEED), System.out)) {
            for (Guard guard : some) {
                assertThat(runs.violationsWithout(guard))
                        .as("without %s, chosen by %d", guard, seed)
                        .extracting(Violation::invariant)
                        .contains(guard.invariant());
            }
        }
    }
}

package io.cairn.restore.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchDirectoryTest {

    @TempDir Path scratch;

    @Test
    void aDrillKeepsItsLockWhenAnotherBegins() throws IOException {
        try (ScratchDirectory first = ScratchDirectory.in(scratch, new Random(1));
                ScratchDirectory second = ScratchDirectory.in(scratch, new Random(2))) {
            ScratchDirectory.removeAbandoned(scratch);

            assertThat(first.path()).exists();
            assertThat(second.path()).exists();
            assertThat(isLocked(first)).isTrue();
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void whatAKilledProcessLeftIsRemoved() throws IOException {
        Path left = Files.createDirectories(scratch.resolve("drill-of-another/data")).getParent();
        Files.createFile(left.resolve("drill.lock"));

        ScratchDirectory.removeAbandoned(scratch);

        assertThat(scratch).isEmptyDirectory();
    }

    /** As the kernel tells everybody: proc_locks(5). */
    private static boolean isLocked(ScratchDirectory drill) throws IOException {
        Object inode = Files.getAttribute(drill.path().resolve("drill.lock"), "unix:ino");
        return Files.readString(Path.of("/proc/locks")).contains(":" + inode + " ");
    }
}

package io.cairn.restore.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetDirectoryTest {

    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rwx------");

    @TempDir private Path temporary;

    @Test
    void aClaimedDirectoryIsMarkedUntilItIsReleased() throws IOException {
        Path directory = temporary.resolve("a/b/data");
        try (TargetDirectory target =
                TargetDirectory.claim(directory, OWNER_ONLY, "restoring shop")) {
            assertThat(TargetDirectory.isUnfinished(directory)).isTrue();
            assertThat(directory.resolve(TargetDirectory.MARKER))
                    .content()
                    .contains("restoring shop", "not a database");
            assertThat(Files.getPosixFilePermissions(directory)).isEqualTo(OWNER_ONLY);
            target.release();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void withoutReleaseTheMarkerStaysAndTheNextClaimMayStartOver() throws IOException {
        Path directory = temporary.resolve("data");
        Path outside = Files.writeString(temporary.resolve("outside"), "precious");
        try (TargetDirectory _ = TargetDirectory.claim(directory, OWNER_ONLY, "first")) {
            Files.createDirectories(directory.resolve("base/5"));
            Files.writeString(directory.resolve("base/5/1259"), "half");
            Files.createSymbolicLink(directory.resolve("base/link"), temporary);
        }
        assertThat(TargetDirectory.isUnfinished(directory)).isTrue();
        try (TargetDirectory second = TargetDirectory.claim(directory, OWNER_ONLY, "second")) {
            assertThat(second.begun()).isTrue();
            second.clear(_ -> false);
            assertThat(directory.toFile().list()).containsExactly(TargetDirectory.MARKER);
        }
        assertThat(outside).hasContent("precious");
    }

    @Test
    void twoClaimsAtOnceAreRefused() throws IOException {
        Path directory = temporary.resolve("data");
        try (TargetDirectory _ = TargetDirectory.claim(directory, OWNER_ONLY, "first")) {
            assertRefused(
                    ErrorCode.TARGET_LIVE,
                    () -> TargetDirectory.claim(directory, OWNER_ONLY, "second"));
        }
    }

    @Test
    void theLockFileOfACrashedServerMakesADirectoryOccupiedNotLive() throws IOException {
        Files.writeString(temporary.resolve("postmaster.pid"), Long.MAX_VALUE + "\n");
        assertRefused(ErrorCode.TARGET_NOT_EMPTY, () -> TargetDirectory.requireUsable(temporary));
    }

    @Test
    void aSingleUserServerIsLiveToo() throws IOException {
        Files.writeString(
                temporary.resolve("postmaster.pid"), -ProcessHandle.current().pid() + "\n");
        assertRefused(ErrorCode.TARGET_LIVE, () -> TargetDirectory.requireUsable(temporary));
    }

    @Test
    void whatDoesNotExistOrIsEmptyIsUsable() {
        TargetDirectory.requireUsable(temporary);
        TargetDirectory.requireUsable(temporary.resolve("new"));
        assertThat(temporary.resolve("new")).doesNotExist();
    }

    @Test
    void moreThanIsFreeIsRefusedBeforeAnythingIsWritten() {
        SpaceNeeded tooMuch =
                new SpaceNeeded(Map.of(temporary.resolve("new/data"), Long.MAX_VALUE / 2));
        assertRefused(ErrorCode.TARGET_NO_SPACE, tooMuch::requireFree);
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void twoDirectoriesOfOneFileSystemShareItsRoom() throws IOException {
        long free = Files.getFileStore(temporary).getUsableSpace();
        new SpaceNeeded(Map.of(temporary.resolve("a"), free / 4)).requireFree();
        Map<Path, Long> both =
                Map.of(temporary.resolve("a"), free / 4 * 3, temporary.resolve("b"), free / 4 * 3);
        assertRefused(ErrorCode.TARGET_NO_SPACE, () -> new SpaceNeeded(both).requireFree());
    }

    private static void assertRefused(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(code);
                            assertThat(e.hint()).isPresent();
                        });
    }
}

package io.cairn.postgres.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresInstallationsTest {

    @TempDir Path directory;

    @Test
    void theConfiguredDirectoryWins() throws IOException {
        Path named = install(directory.resolve("named"));
        install(directory.resolve("usr/18"));
        assertThat(installations(Map.of(18, named), Optional.empty()).find(18).home())
                .isEqualTo(named);
        assertThat(installations(Map.of(18, named), Optional.empty()).has(18)).isTrue();
    }

    @Test
    void aConfiguredDirectoryWithoutProgramsIsAMistakeAndNotPassedOver() throws IOException {
        install(directory.resolve("usr/18"));
        assertThatThrownBy(() -> installations(Map.of(18, directory), Optional.empty()).find(18))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
    }

    @Test
    void theDistributionsProgramsAreFoundLast() throws IOException {
        Path home = install(directory.resolve("usr/16"));
        assertThat(
                        installations(Map.of(), Optional.of(directory.resolve("none")))
                                .find(16)
                                .program("initdb"))
                .isEqualTo(home.resolve("bin/initdb"));
    }

    @Test
    void whatIsMissingIsSaidWithTheRemedy() {
        PostgresInstallations none = installations(Map.of(), Optional.of(directory));
        assertThat(none.has(17)).isFalse();
        assertThatThrownBy(() -> none.find(17))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.POSTGRES_BINARIES_MISSING);
                            assertThat(e.messageWithHint())
                                    .contains("PostgreSQL 17", "postgresql-17", "postgres.17");
                        });
    }

    @Test
    void theJarOfTheMajorIsUnpackedOnceByHoweverMany() throws Exception {
        Path servers = Path.of(System.getProperty("cairn.servers"));
        PostgresInstallations installations = installations(Map.of(), Optional.of(servers));
        Callable<PostgresBinaries> find = () -> installations.find(18);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<PostgresBinaries>> found = threads.invokeAll(List.of(find, find));
            assertThat(found.getFirst().get()).isEqualTo(found.getLast().get());
        }
        PostgresBinaries binaries = installations.find(18);
        assertThat(binaries.program("postgres")).isExecutable();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(binaries.home())))
                .isEqualTo("rwxr-xr-x");
        try (Stream<Path> files = Files.list(directory.resolve("cache/postgres"))) {
            assertThat(files).containsExactly(binaries.home());
        }
    }

    private PostgresInstallations installations(
            Map<Integer, Path> configured, Optional<Path> servers) {
        return new PostgresInstallations(
                configured, servers, directory.resolve("cache"), directory.resolve("usr"));
    }

    private static Path install(Path home) throws IOException {
        Path bin = Files.createDirectories(home.resolve("bin"));
        Files.createFile(
                bin.resolve("postgres"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        return home;
    }
}

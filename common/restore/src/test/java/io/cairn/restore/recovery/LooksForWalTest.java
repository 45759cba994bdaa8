package io.cairn.restore.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LooksForWalTest {

    private static final String WARNING = LooksForWal.SAYS + "primary_conninfo nor …\n";

    @TempDir private Path directory;

    private Path log = Path.of("set in setUp");

    @BeforeEach
    void setUp() {
        log = directory.resolve("log");
    }

    @Test
    void aServerThatHasNotBegunDoesNot() throws IOException {
        assertThat(new LooksForWal(directory, log).getAsBoolean()).isFalse();
    }

    @Test
    void aServerDoesWhenItSaysSo() throws IOException {
        LooksForWal looks = new LooksForWal(directory, log);
        begin();
        say("LOG:  starting PostgreSQL\n");
        assertThat(looks.getAsBoolean()).isFalse();

        say(WARNING);

        assertThat(looks.getAsBoolean()).isTrue();
    }

    @Test
    void whatAnEarlierServerSaidDoesNotCount() throws IOException {
        say(WARNING);
        LooksForWal looks = new LooksForWal(directory, log);

        begin();

        assertThat(looks.getAsBoolean()).isFalse();
    }

    @Test
    void aServerThatHasEndedDoesNotAnyMore() throws IOException {
        LooksForWal looks = new LooksForWal(directory, log);
        begin();
        say(WARNING);
        assertThat(looks.getAsBoolean()).isTrue();

        Files.delete(directory.resolve("postmaster.pid"));

        assertThat(looks.getAsBoolean()).isFalse();
    }

    private void begin() throws IOException {
        Files.createFile(directory.resolve("postmaster.pid"));
        say("");
    }

    private void say(String line) throws IOException {
        Files.writeString(log, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}

package io.cairn.cli;

import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.restore.fixture.TestKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** Key files as a configuration names them, with their password in {@code password} beside. */
final class KeyFolder {

    private static final String PASSWORD = "changeit";

    private KeyFolder() {}

    /**
     * @param within the folder of the configuration
     * @param name of the key files' folder in it
     */
    static TestKeys create(Path within, String name) throws IOException {
        char[] password = PASSWORD.toCharArray();
        KeyFiles files =
                KeyFiles.create(
                        within.resolve(name),
                        "test",
                        KeyAlgorithm.EC_P256,
                        password,
                        Instant.now().minusSeconds(60),
                        Duration.ofDays(1));
        Files.writeString(within.resolve("password"), PASSWORD);
        return TestKeys.read(files, password);
    }
}

package io.cairn.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.config.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {

    @TempDir private Path folder;

    /** Two S3 servers start at once and share a credential. */
    @Test
    void givesPartsThatStartTogetherTheSameSecret() throws Exception {
        Path file = folder.resolve("s3");
        Callable<String> part = () -> Secrets.getOrCreate(file).reveal();
        List<Future<String>> secrets;
        try (ExecutorService together = Executors.newFixedThreadPool(16)) {
            secrets = together.invokeAll(IntStream.range(0, 16).mapToObj(i -> part).toList());
        }

        assertThat(secrets).extracting(Future::resultNow).containsOnly(Files.readString(file));
    }

    @Test
    void keepsASecretForItsOwnerAlone() throws Exception {
        Secret first = Secrets.getOrCreate(folder.resolve("s3"));

        assertThat(first.reveal()).hasSize(36);
        assertThat(Files.getPosixFilePermissions(folder.resolve("s3"))).hasSize(2);
        assertThat(Secrets.getOrCreate(folder.resolve("s3")).reveal()).isEqualTo(first.reveal());
    }
}

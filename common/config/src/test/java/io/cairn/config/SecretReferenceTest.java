package io.cairn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretReferenceTest {

    @TempDir private Path folder;

    @Test
    void aFilesLastLineEndIsNoPartOfTheSecret() throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), " a b \n");

        Secret secret = new SecretReference("file:" + file).resolve();

        assertThat(secret.reveal()).isEqualTo(" a b");
        assertThat(secret).hasToString("***");
    }

    @Test
    void whatIsNotThereIsNamedWithoutASecret() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty"), "\n");

        assertUnavailable("env:CAIRN_NO_SUCH_VARIABLE", "CAIRN_NO_SUCH_VARIABLE");
        assertUnavailable("file:" + folder.resolve("none"), folder.resolve("none").toString());
        assertUnavailable("file:" + empty, empty.toString());
    }

    private static void assertUnavailable(String reference, String named) {
        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> new SecretReference(reference).resolve())
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.SECRET_UNAVAILABLE);
                    assertThat(e.getMessage()).contains(named);
                    assertThat(e.hint()).isPresent();
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"hunter2", "env:", "env:A B", "file:", "vault:hunter2"})
    void whatIsNoReferenceIsRefusedAndNotRepeated(String value) {
        assertThatExceptionOfType(CairnException.class)
                .isThrownBy(() -> new SecretReference(value))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                    assertThat(e.messageWithHint()).doesNotContain("hunter2");
                });
    }
}

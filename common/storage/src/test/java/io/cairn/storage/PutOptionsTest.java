package io.cairn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.CairnException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PutOptionsTest {

    @Test
    void takesWhatS3Takes() {
        PutOptions options =
                PutOptions.NONE
                        .withStorageClass("STANDARD_IA")
                        .withTags(Map.of("tier", "content"))
                        .withMetadata(Map.of("plain-sha256", "0 1"));

        assertThat(options.storageClass()).contains("STANDARD_IA");
        assertThat(options.metadata()).containsEntry("plain-sha256", "0 1");
    }

    @ParameterizedTest
    @CsvSource({"Upper, x", "sha256, x", "a b, x", "a, ' x'", "a, ''", "a, ü"})
    void refusesMetadataThatAHeaderCannotCarryOrThatIsItsOwn(String name, String value) {
        assertThatThrownBy(() -> PutOptions.NONE.withMetadata(Map.of(name, value)))
                .isInstanceOf(CairnException.class);
    }

    @Test
    void refusesMoreThanS3Takes() {
        Map<String, String> tags =
                IntStream.range(0, 11).boxed().collect(Collectors.toMap(i -> "t" + i, i -> "v"));

        assertThatThrownBy(() -> PutOptions.NONE.withTags(tags)).isInstanceOf(CairnException.class);
        assertThatThrownBy(() -> PutOptions.NONE.withMetadata(Map.of("a", "x".repeat(1024))))
                .isInstanceOf(CairnException.class);
        assertThatThrownBy(() -> PutOptions.NONE.withStorageClass("glacier"))
                .isInstanceOf(CairnException.class);
    }
}

package io.cairn.model.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.Sha256;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WalMetadataTest {

    @Test
    void isReadAsItWasWritten() {
        Sha256 digest = Sha256.of(new byte[] {1, 2, 3});
        Instant time = Instant.parse("2026-11-22T02:00:00.123456Z");
        Map<String, String> metadata =
                Map.of("plain-sha256", digest.hex(), "sent-at", time.toString());

        assertThat(WalMetadata.plainSha256(metadata)).contains(digest);
        assertThat(WalMetadata.sentAt(metadata)).contains(time);
    }

    @Test
    void whatMakesNoSenseIsAsGoodAsNone() {
        Map<String, String> metadata = Map.of("plain-sha256", "beef", "sent-at", "yesterday");

        assertThat(WalMetadata.plainSha256(metadata)).isEmpty();
        assertThat(WalMetadata.sentAt(metadata)).isEmpty();
        assertThat(WalMetadata.sentAt(Map.of())).isEmpty();
    }
}

package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Progress.Unit unit = Progress.Unit.BYTES;
    private Instant now = Instant.parse("2026-11-22T02:00:00Z");

    @Test
    void onATerminalItShowsBytesRateAndTimeLeft() {
        try (Progress progress = progress(true)) {
            now = now.plusSeconds(10);
            progress.update(250_000_000, 1_000_000_000);
        }

        assertThat(shown()).contains("25 %", "250 MB of 1.00 GB", "25 MB/s", "30.0 s left");
    }

    @Test
    void elsewhereItWritesALineEveryTenSeconds() {
        try (Progress progress = progress(false)) {
            for (int second = 0; second < 25; second++) {
                progress.update(second * 1_000_000L, 100_000_000);
                now = now.plusSeconds(1);
            }
        }

        assertThat(shown().lines())
                .hasSize(2)
                .noneMatch(line -> line.contains("\r") || line.contains("\u001b"));
    }

    @Test
    void anUnknownTotalShowsNoShare() {
        try (Progress progress = progress(false)) {
            now = now.plusSeconds(10);
            progress.update(5_000_000, 0);
        }

        assertThat(shown()).contains("5.00 MB").doesNotContain("%");
    }

    @Test
    void objectsAreCounted() {
        unit = Progress.Unit.OBJECTS;
        try (Progress progress = progress(true)) {
            now = now.plusSeconds(10);
            progress.update(250, 1000);
        }

        assertThat(shown()).contains("25 %", "250 of 1000", "25/s", "30.0 s left");
    }

    private Progress progress(boolean terminal) {
        return new Progress(
                new PrintStream(bytes, true, StandardCharsets.UTF_8),
                terminal,
                () -> now,
                "restoring",
                unit);
    }

    private String shown() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}

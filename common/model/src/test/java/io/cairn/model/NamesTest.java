package io.cairn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a/b",
                "Shop",
                "-shop",
                "shop-",
                "shöp",
                "a.b",
                "../x",
                "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddx"
            })
    void aClusterNameIsRefusedWithAHint(String name) {
        assertThatThrownBy(() -> new ClusterName(name))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.NAME_INVALID);
                            assertThat(e.hint()).isPresent();
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "a/", "a//b", "a/../b", "..", "a/.", "a b", "ä"})
    void anObjectKeyThatCouldLeaveItsPlaceIsRefused(String key) {
        assertThatThrownBy(() -> new ObjectKey(key)).isInstanceOf(CairnException.class);
    }

    @Property
    void aLabelKeepsDueTimeAndKind(
            @ForAll @LongRange(min = 0, max = 253_402_300_799L) long second,
            @ForAll BackupKind kind) {
        BackupLabel label = BackupLabel.of(Instant.ofEpochSecond(second), kind);

        assertThat(label.due()).isEqualTo(Instant.ofEpochSecond(second));
        assertThat(label.kind()).isEqualTo(kind);
    }

    @Property
    void labelsSortByTime(
            @ForAll @LongRange(min = 0, max = 253_402_300_799L) long a,
            @ForAll @LongRange(min = 0, max = 253_402_300_799L) long b) {
        int order =
                BackupLabel.of(Instant.ofEpochSecond(a), BackupKind.FULL)
                        .compareTo(BackupLabel.of(Instant.ofEpochSecond(b), BackupKind.FULL));

        assertThat(Integer.signum(order)).isEqualTo(Long.compare(a, b));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "20261322T020000Z-F",
                "20261122T020000Z-X",
                "20261122T020000-F",
                "20260230T020000Z-F"
            })
    void aLabelThatIsNoTimeIsRefused(String label) {
        assertThatThrownBy(() -> new BackupLabel(label)).isInstanceOf(CairnException.class);
    }

    @Test
    void aRunIdFitsAnApplicationName() {
        ClusterName longest = new ClusterName("a".repeat(40));
        RunId run = new RunId(longest, BackupLabel.of(Instant.EPOCH, BackupKind.FULL));

        assertThat(run.toString().getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(63);
        assertThat(RunId.parse(run.toString())).isEqualTo(run);
    }

    @Test
    void attemptsDiffer() {
        Random random = new Random(1);

        assertThat(AttemptId.random(random)).isNotEqualTo(AttemptId.random(random));
    }

    @Test
    void systemIdentifiersAreUnsigned() {
        assertThat(SystemIdentifier.parse("18446744073709551615"))
                .hasToString("18446744073709551615");
    }

    @Test
    void timelinesAreHexadecimalInNames() {
        assertThat(new Timeline(10).hex()).isEqualTo("0000000A");
    }
}

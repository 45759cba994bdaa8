package io.cairn.model.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Tier;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommitObjectTest {

    private static final BackupLayout LAYOUT =
            new BackupLayout(
                    new ClusterRoot(
                            new ClusterName("shop"), SystemIdentifier.parse("7300000000000000001")),
                    new BackupLabel("20261122T020000Z-F"));
    private static final AttemptId ATTEMPT = new AttemptId("0123456789abcdef");

    @Test
    void isReadBackAsItWasWritten() {
        CommitObject commit = commit(List.of(volume(0, 0, 10), volume(1, 10, 5)), 15);

        assertThat(CommitObject.fromJson(commit.toJson(), "backup.json")).isEqualTo(commit);
    }

    @Test
    void aPropertyOfANewerCairnIsIgnored() {
        String json =
                new String(commit(List.of(volume(0, 0, 10)), 10).toJson(), StandardCharsets.UTF_8)
                        .replaceFirst("\\{", "{\"later\" : {\"x\" : 1},");

        assertThat(
                        CommitObject.fromJson(json.getBytes(StandardCharsets.UTF_8), "backup.json")
                                .files())
                .isEqualTo(3);
    }

    @Test
    void aFormatOfANewerCairnIsRefused() {
        String json =
                new String(commit(List.of(volume(0, 0, 10)), 10).toJson(), StandardCharsets.UTF_8)
                        .replaceFirst("\"format\" : 1", "\"format\" : 2");

        assertThatThrownBy(() ->
                        CommitObject.fromJson(json.getBytes(StandardCharsets.UTF_8), "backup.json"))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.FORMAT_UNSUPPORTED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"format\" : 1}",
                "{\"format\" : 1, \"cluster\" : \"a/b\"}"
            })
    void whatIsNoCommitObjectIsRefused(String json) {
        assertThatThrownBy(() ->
                        CommitObject.fromJson(json.getBytes(StandardCharsets.UTF_8), "backup.json"))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.COMMIT_INVALID));
    }

    @Test
    void volumesWithAGapAreNoArchive() {
        List<Volume> gap = List.of(volume(0, 0, 10), volume(1, 11, 5));

        assertThatThrownBy(() -> new Archive(Archive.BASE, Optional.empty(), 16, gap))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void volumesThatEndEarlyAreNoArchive() {
        List<Volume> one = List.of(volume(0, 0, 10));

        assertThatThrownBy(() -> new Archive(Archive.BASE, Optional.empty(), 11, one))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLayoutIsFoundFromTheCommitKeyAlone() {
        assertThat(BackupLayout.ofCommit(LAYOUT.commit())).contains(LAYOUT);
        assertThat(BackupLayout.ofCommit(LAYOUT.manifest(ATTEMPT))).isEmpty();
    }

    private static Volume volume(int number, long offset, long bytes) {
        return new Volume(object(LAYOUT.volume(ATTEMPT, Archive.BASE, number)), offset, bytes);
    }

    private static StoredObject object(ObjectKey key) {
        return new StoredObject(key, 7, Sha256.of(key.value().getBytes(StandardCharsets.UTF_8)));
    }

    private static CommitObject commit(List<Volume> volumes, long bytes) {
        return new CommitObject(
                CommitObject.FORMAT,
                LAYOUT.root().cluster(),
                LAYOUT.root().systemIdentifier(),
                Tier.OLTP,
                LAYOUT.label(),
                ATTEMPT,
                0,
                Instant.parse("2026-11-22T02:00:01Z"),
                Instant.parse("2026-11-22T02:03:00.25Z"),
                new Timeline(1),
                Lsn.parse("0/2000028"),
                Lsn.parse("0/2000158"),
                Optional.empty(),
                180_006,
                16 << 20,
                true,
                6,
                "libdeflate 1.14",
                "00112233445566778899aabbccddeeff",
                object(LAYOUT.wrappedKey(ATTEMPT)),
                object(LAYOUT.manifest(ATTEMPT)),
                object(LAYOUT.index(ATTEMPT)),
                List.of(new Archive(Archive.BASE, Optional.empty(), bytes, volumes)),
                3,
                bytes,
                List.of(),
                Map.of("max_connections", "100"));
    }
}

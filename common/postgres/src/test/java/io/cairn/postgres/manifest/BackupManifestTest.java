package io.cairn.postgres.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.Lsn;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.manifest.BackupManifest.WalRange;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackupManifestTest {

    private static final String BODY =
            """
            { "PostgreSQL-Backup-Manifest-Version": 2,
            "System-Identifier": 18446744073709551615,
            "Files": [
            { "Path": "backup_label", "Size": 3, "Last-Modified": "2026-11-22 02:00:00 GMT", "Checksum-Algorithm": "SHA256", "Checksum": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
            { "Path": "base/1/2 \\"quoted\\" stra\u00dfe", "Size": 0, "Last-Modified": "2026-11-22 02:00:00 GMT" },
            { "Encoded-Path": "636166e9", "Size": 9, "Last-Modified": "2026-11-22 02:00:00 GMT", "Checksum-Algorithm": "CRC32C", "Checksum": "839206e3" }
            ],
            "WAL-Ranges": [
            { "Timeline": 3, "Start-LSN": "0/4000028", "End-LSN": "1/0" }
            ],
            """;

    @Test
    void everythingIsRead() {
        BackupManifest manifest = BackupManifest.parse(signed(BODY));

        assertThat(manifest.summary().version()).isEqualTo(2);
        assertThat(manifest.summary().systemIdentifier())
                .contains(SystemIdentifier.parse("18446744073709551615"));
        assertThat(manifest.summary().walRanges())
                .containsExactly(
                        new WalRange(new Timeline(3), Lsn.parse("0/4000028"), Lsn.parse("1/0")));
        assertThat(manifest.files())
                .extracting(ManifestFile::path)
                .containsExactly("backup_label", "base/1/2 \"quoted\" stra\u00dfe", "caf\u00e9");
        assertThat(manifest.files().get(1).checksum()).isEmpty();
        assertThat(manifest.byPath().get("caf\u00e9").size()).isEqualTo(9);
    }

    @Test
    void aFilesBytesAreComparedBySizeAndChecksum() {
        ManifestFile file = BackupManifest.parse(signed(BODY)).files().getFirst();
        assertThat(outcome(file, "abc")).isInstanceOf(FileVerifier.Outcome.Matches.class);
        assertThat(outcome(file, "abcd")).isEqualTo(new FileVerifier.Outcome.WrongSize(3, 4));
        assertThat(outcome(file, "abd")).isInstanceOf(FileVerifier.Outcome.WrongChecksum.class);
    }

    /** The check value of CRC-32C is E3069283; the manifest has it in little-endian order. */
    @ParameterizedTest
    @CsvSource({
        "CRC32C, 839206e3",
        "SHA224, 9b3e61bf29f17c75572fae2e86e17809a4513d07c8a18152acf34521",
        "SHA256, 15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
        "SHA384, eb455d56d2c1a69de64e832011f3393d45f3fa31d6842f21af92d2fe469c499da5e3179847334a18479c8d1dedea1be3",
        "SHA512, d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85"
    })
    void everyAlgorithmOfThePostgresManifestIsKnown(ChecksumAlgorithm algorithm, String hex) {
        ManifestFile file =
                new ManifestFile("x", 9, Optional.of(new ManifestFile.Checksum(algorithm, hex)));
        assertThat(outcome(file, "123456789")).isInstanceOf(FileVerifier.Outcome.Matches.class);
    }

    @Test
    void aFlippedBitAnywhereIsFound() {
        byte[] good = signed(BODY);
        Random random = new Random(42);
        for (int i = 0; i < 500; i++) {
            byte[] bad = good.clone();
            int at = random.nextInt(bad.length);
            bad[at] ^= (byte) (1 << random.nextInt(8));
            assertThatThrownBy(() -> BackupManifest.parse(bad))
                    .as("bit flipped at byte %d", at)
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_MISMATCH));
        }
    }

    @Test
    void aManifestThatIsCutOffAnywhereIsFound() {
        byte[] good = signed(BODY);
        for (int length = 0; length < good.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(good, length);
            assertThatThrownBy(() -> BackupManifest.parse(cut))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e -> assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_MISMATCH));
        }
    }

    @Test
    void theChecksumDoesNotDependOnHowTheBytesArrive() throws IOException {
        byte[] good = signed(BODY);
        try (FilterInputStream byteByByte =
                new FilterInputStream(new ByteArrayInputStream(good)) {
                    @Override
                    public int read(byte[] buffer, int offset, int length) throws IOException {
                        return super.read(buffer, offset, Math.min(length, 1));
                    }
                }) {
            assertThat(BackupManifest.read(byteByByte)).isEqualTo(BackupManifest.parse(good));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{ \"PostgreSQL-Backup-Manifest-Version\": 3,\n\"Files\": [],\n",
                "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [{\"Path\": \"x\"}],\n",
                "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [{\"Path\": \"x\", \"Size\": 1, \"Checksum\": \"00\"}],\n",
                "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [{\"Path\": \"x\", \"Size\": 1, \"Checksum-Algorithm\": \"MD5\", \"Checksum\": \"00\"}],\n",
                "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [{\"Encoded-Path\": \"6\", \"Size\": 1}],\n",
                "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Unheard-Of\": [],\n",
                "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"WAL-Ranges\": [{\"Timeline\": 0, \"Start-LSN\": \"0/0\", \"End-LSN\": \"0/0\"}],\n"
            })
    void whatIsNoManifestIsRefused(String body) {
        assertThatThrownBy(() -> BackupManifest.parse(signed(body)))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_MISMATCH);
                            assertThat(e.hint()).isPresent();
                        });
    }

    @Test
    void aPathThatIsListedTwiceIsRefused() {
        String twice =
                "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [\n"
                        + "{\"Path\": \"x\", \"Size\": 1},\n{\"Encoded-Path\": \"78\", \"Size\": 1}],\n";
        assertThatThrownBy(() -> BackupManifest.parse(signed(twice)).byPath())
                .isInstanceOf(CairnException.class)
                .hasMessageContaining("x twice");
    }

    private static FileVerifier.Outcome outcome(ManifestFile file, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        FileVerifier verifier = file.verifier();
        verifier.update(bytes, 0, 1);
        verifier.update(bytes, 1, bytes.length - 1);
        return verifier.finish();
    }

    private static byte[] signed(String body) {
        String checksum = Sha256.of(body.getBytes(StandardCharsets.UTF_8)).hex();
        return (body + "\"Manifest-Checksum\": \"" + checksum + "\"}\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}

package io.cairn.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.CommitSignature;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.archive.key.WrappedKey;
import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarIndex;
import io.cairn.archive.tar.TarScanner;
import io.cairn.model.Sha256;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A backup of format 1, written once and checked in with its keys. Whatever Cairn becomes, it reads
 * this one: when the test fails, the reader is wrong, never the golden archive. Another format gets
 * another archive beside it.
 */
class GoldenArchiveTest {

    private static final String ROOT = "/golden/v1/";
    private static final char[] PASSWORD = "golden".toCharArray();
    private static final Map<String, Sha256> TARS =
            Map.of(
                    "16385.tar",
                            new Sha256(
                                    "160d6247db2e8fd43a1dbc565b39fc3de81e091ee5bb7d122aa7575fd6841667"),
                    "base.tar",
                            new Sha256(
                                    "1ea58706ab693077e4e7bc5a60052c190d345e692fa40760e70f02974db6ce94"));

    static Stream<GzipCodec> codecs() {
        return Stream.concat(GzipCodec.libdeflate().stream(), Stream.of(GzipCodec.zlib()));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void theGoldenArchiveOfFormatOneIsReadable(GzipCodec codec) throws IOException {
        byte[] json = bytes("bucket/" + SampleBackup.LAYOUT.commit());
        CommitObject commit = CommitObject.fromJson(json, "backup.json");
        byte[] signature = bytes("bucket/" + SampleBackup.LAYOUT.signature(commit.attempt()));
        CommitSignature.verify(
                json, signature, Certificates.read(file("keys/authority.pem")), "signature");
        Identity recipient = Identity.read(file("keys/recipient.p12"), PASSWORD);
        BackupKey key = WrappedKey.unwrap(bytes("bucket/" + commit.key().key()), recipient, "key");

        try (VolumeDecoder decoder = new VolumeDecoder(codec, key)) {
            TarIndex index = TarIndex.fromJson(object(decoder, commit.index()), "index.json");

            assertThat(commit.archives())
                    .extracting(Archive::name)
                    .containsExactly("16385.tar", "base.tar");
            assertThat(object(decoder, commit.manifest()))
                    .startsWith("{ \"PostgreSQL-Backup-Manifest-Version\": 1".getBytes());
            for (Archive archive : commit.archives()) {
                byte[] tar = tar(decoder, archive);
                assertThat(Sha256.of(tar)).isEqualTo(TARS.get(archive.name()));
                assertThat(entries(archive.name(), tar))
                        .isEqualTo(index.archive(archive.name()).orElseThrow().entries());
            }
        }
    }

    private static byte[] tar(VolumeDecoder decoder, Archive archive) throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (Volume volume : archive.volumes()) {
            InputStream stored = new ByteArrayInputStream(bytes("bucket/" + volume.object().key()));
            decoder.decode(stored, volume, tar::write);
        }
        return tar.toByteArray();
    }

    private static byte[] object(VolumeDecoder decoder, StoredObject object) throws IOException {
        return decoder.decode(new ByteArrayInputStream(bytes("bucket/" + object.key())), object);
    }

    private static List<TarEntry> entries(String name, byte[] tar) {
        List<TarEntry> entries = new ArrayList<>();
        TarScanner scanner = new TarScanner(name, entries::add);
        scanner.write(tar, 0, tar.length);
        scanner.finish();
        return entries;
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in = GoldenArchiveTest.class.getResourceAsStream(ROOT + name)) {
            if (in == null) {
                throw new IOException("no " + ROOT + name);
            }
            return in.readAllBytes();
        }
    }

    private static Path file(String name) {
        try {
            return Path.of(GoldenArchiveTest.class.getResource(ROOT + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes a golden archive of the format as it is now into a directory, for the next format. */
    public static void main(String[] args) {
        Path directory = Path.of(args[0]);
        Instant now = Instant.parse("2026-11-22T02:01:00Z");
        KeyFiles keys =
                KeyFiles.create(
                        directory.resolve("keys"),
                        "Golden",
                        KeyAlgorithm.EC_P256,
                        PASSWORD,
                        now,
                        Duration.ofDays(36_500));
        SampleBackup.write(directory.resolve("bucket"), keys, PASSWORD, now);
        System.out.println("16385.tar " + Sha256.of(SampleBackup.tablespaceTar()));
        System.out.println("base.tar  " + Sha256.of(SampleBackup.baseTar()));
    }
}

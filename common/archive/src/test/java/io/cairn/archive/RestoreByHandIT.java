package io.cairn.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarEntryType;
import io.cairn.archive.tar.TarScanner;
import io.cairn.archive.tar.TarVisitor;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.Volume;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** docs/restore-by-hand.sh on a backup in a directory. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoreByHandIT {

    private static final Path SCRIPT =
            Path.of("../../docs/restore-by-hand.sh").toAbsolutePath().normalize();
    private static final char[] PASSWORD = "geheim".toCharArray();
    private static final String BACKUP = "shop/7000000000000000001/20261122T020000Z-F";

    private Path all;
    private Path bucket;
    private KeyFiles keys;
    private KeyFiles otherKeys;
    private CommitObject commit;
    private Path directory;
    private Path target;
    private int count;

    @BeforeAll
    void takeTheBackup(@TempDir Path temporary) {
        all = temporary;
        Instant now = Instant.now();
        bucket = all.resolve("the bucket");
        keys =
                KeyFiles.create(
                        all.resolve("keys"),
                        "Test",
                        KeyAlgorithm.EC_P256,
                        PASSWORD,
                        now,
                        Duration.ofDays(30));
        otherKeys =
                KeyFiles.create(
                        all.resolve("others"),
                        "Test",
                        KeyAlgorithm.RSA_3072,
                        PASSWORD,
                        now,
                        Duration.ofDays(30));
        commit = SampleBackup.write(bucket, keys, PASSWORD, now);
    }

    @BeforeEach
    void chooseATarget() {
        directory = all.resolve("restore " + count++);
        target = directory.resolve("the data");
    }

    private Programs.Result restore(String... more) throws IOException, InterruptedException {
        return restoreFrom(bucket, keys.recipientKey(), keys.authorityCertificate(), more);
    }

    private Programs.Result restoreFrom(Path from, Path key, Path anchor, String... more)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "sh",
                                SCRIPT.toString(),
                                "--from",
                                from.toString(),
                                "--backup",
                                BACKUP,
                                "--key",
                                key.toString(),
                                "--anchor",
                                anchor.toString(),
                                "--target",
                                target.toString()));
        command.addAll(List.of(more));
        return Programs.run(all, command);
    }

    @Test
    void restoresEveryFileOfEveryArchive() throws Exception {
        Programs.Result result = restore();

        assertThat(result.status()).as(result.output()).isZero();
        assertSameFiles(target, SampleBackup.baseTar(), "tablespace_map");
        assertSameFiles(directory.resolve("tablespaces/16385"), SampleBackup.tablespaceTar());
        assertThat(target.resolve("backup_manifest")).hasContent(SampleBackup.MANIFEST);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwx------");
    }

    @Test
    void linkAndMapSayWhereTheTablespacesAreNow() throws Exception {
        Path moved = directory.resolve("another disk");

        Programs.Result result = restore("--tablespace", "16385=" + moved);

        assertThat(result.status()).as(result.output()).isZero();
        assertSameFiles(moved, SampleBackup.tablespaceTar());
        assertThat(Files.readSymbolicLink(target.resolve("pg_tblspc/16385")))
                .isEqualTo(moved.toRealPath());
        assertThat(target.resolve("tablespace_map"))
                .hasContent("16385 " + moved.toRealPath() + "\n");
        assertThat(directory.resolve("tablespaces")).doesNotExist();
    }

    @Test
    void takesPkcs12WithItsPassword() throws Exception {
        Path password = Files.writeString(all.resolve("password"), "geheim\n");

        Programs.Result result =
                restoreFrom(
                        bucket,
                        keys.recipient(),
                        keys.authorityCertificate(),
                        "--password-file",
                        password.toString());

        assertThat(result.status()).as(result.output()).isZero();
        assertSameFiles(target, SampleBackup.baseTar(), "tablespace_map");
    }

    @Test
    void takesAnRsaKeyToo() throws Exception {
        Path rsaBucket = directory.resolve("bucket");
        SampleBackup.write(rsaBucket, otherKeys, PASSWORD, Instant.now());

        Programs.Result result =
                restoreFrom(rsaBucket, otherKeys.recipientKey(), otherKeys.authorityCertificate());

        assertThat(result.status()).as(result.output()).isZero();
        assertSameFiles(target, SampleBackup.baseTar(), "tablespace_map");
    }

    @Test
    void refusesADirectoryThatHoldsAnything() throws Exception {
        Path file = Files.createDirectories(target).resolve("postgresql.conf");
        Files.writeString(file, "mine");

        assertRefused(restore(), 4, "is not empty");
        assertThat(target)
                .isDirectoryContaining(path -> path.equals(file))
                .isDirectoryNotContaining(path -> !path.equals(file));
        Files.delete(file);
        Path tablespace = Files.createDirectories(directory.resolve("tablespaces/16385"));
        Files.writeString(tablespace.resolve("mine"), "mine");

        assertRefused(restore(), 4, "tablespaces/16385 is not empty");
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void refusesTheSameDirectoryForTwoArchives() throws Exception {
        assertRefused(restore("--tablespace", "16385=" + target), 4, "is not empty");
    }

    @Test
    void refusesATablespaceThatTheBackupDoesNotHave() throws Exception {
        assertRefused(
                restore("--tablespace", "999=" + directory.resolve("x")), 4, "no tablespace 999");
        assertThat(target).doesNotExist();
    }

    @Test
    void findsAFlippedByteInWhicheverObject() throws Exception {
        for (ObjectKey key : SampleBackup.keys(commit)) {
            byte[] bytes = Files.readAllBytes(bucket.resolve(key.value()));
            for (int at : new int[] {0, bytes.length / 2, bytes.length - 1}) {
                Path copy = copyOfBucket();
                byte[] damaged = bytes.clone();
                damaged[at] ^= 1;
                Files.write(copy.resolve(key.value()), damaged);

                Programs.Result result =
                        restoreFrom(copy, keys.recipientKey(), keys.authorityCertificate());

                assertRefused(result, 9, "");
                assertThat(target).as(key + " byte " + at).doesNotExist();
            }
        }
    }

    @Test
    void findsThatWhicheverObjectIsMissing() throws Exception {
        for (ObjectKey key : SampleBackup.keys(commit)) {
            Path copy = copyOfBucket();
            Files.delete(copy.resolve(key.value()));

            Programs.Result result =
                    restoreFrom(copy, keys.recipientKey(), keys.authorityCertificate());

            assertThat(result.status()).as(key + ": " + result.output()).isIn(4, 9);
            assertThat(result.output()).contains("error: ", "hint: ");
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void findsSwappedAndTruncatedVolumes() throws Exception {
        List<Volume> volumes =
                commit.archives().stream()
                        .filter(archive -> archive.name().equals(Archive.BASE))
                        .flatMap(archive -> archive.volumes().stream())
                        .toList();
        Path first = bucket.resolve(volumes.get(1).object().key().value());
        Path second = bucket.resolve(volumes.get(2).object().key().value());
        Path swapped = copyOfBucket();
        Files.write(swapped.resolve(bucket.relativize(first)), Files.readAllBytes(second));
        Files.write(swapped.resolve(bucket.relativize(second)), Files.readAllBytes(first));

        assertRefused(
                restoreFrom(swapped, keys.recipientKey(), keys.authorityCertificate()),
                9,
                "000001.gz.cms");

        Path truncated = copyOfBucket();
        byte[] bytes = Files.readAllBytes(first);
        Files.write(
                truncated.resolve(bucket.relativize(first)),
                Arrays.copyOf(bytes, bytes.length - 1));

        assertRefused(
                restoreFrom(truncated, keys.recipientKey(), keys.authorityCertificate()),
                9,
                "000001.gz.cms");
        assertThat(target).doesNotExist();
    }

    @Test
    void refusesASignerWhomTheAnchorDoesNotVouchFor() throws Exception {
        assertRefused(
                restoreFrom(bucket, keys.recipientKey(), otherKeys.authorityCertificate()),
                9,
                "signature");
        assertThat(target).doesNotExist();
    }

    @Test
    void takesTheSignersOwnCertificateAsTheAnchor() throws Exception {
        Programs.Result result = restoreFrom(bucket, keys.recipientKey(), keys.signerCertificate());

        assertThat(result.status()).as(result.output()).isZero();
    }

    /** The same authority certified the recipient: who may read backups may not make them. */
    @Test
    void refusesTheSignatureOfARecipient() throws Exception {
        Path copy = copyOfBucket();
        Path signature = copy.resolve(SampleBackup.LAYOUT.signature(SampleBackup.ATTEMPT).value());
        Programs.Result signed =
                Programs.run(
                        all,
                        "openssl",
                        "cms",
                        "-sign",
                        "-binary",
                        "-md",
                        "sha256",
                        "-outform",
                        "DER",
                        "-in",
                        copy.resolve(SampleBackup.LAYOUT.commit().value()).toString(),
                        "-out",
                        signature.toString(),
                        "-signer",
                        keys.recipientCertificate().toString(),
                        "-inkey",
                        keys.recipientKey().toString());
        assertThat(signed.status()).as(signed.output()).isZero();

        assertRefused(
                restoreFrom(copy, keys.recipientKey(), keys.authorityCertificate()),
                9,
                "signature");
        assertThat(target).doesNotExist();
    }

    @Test
    void refusesTheKeyOfWhoIsNoRecipient() throws Exception {
        for (Path key : List.of(otherKeys.recipientKey(), keys.recipientCertificate())) {
            assertRefused(
                    restoreFrom(bucket, key, keys.authorityCertificate()), 4, "does not open");
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void refusesABackupUnderAnotherName() throws Exception {
        Path copy = copyOfBucket();
        Path backups = copy.resolve("shop/7000000000000000001/backups");
        Files.move(backups.resolve("20261122T020000Z-F"), backups.resolve("20261123T020000Z-F"));

        Programs.Result result =
                Programs.run(
                        all,
                        "sh",
                        SCRIPT.toString(),
                        "--from",
                        copy.toString(),
                        "--backup",
                        "shop/7000000000000000001/20261123T020000Z-F",
                        "--key",
                        keys.recipientKey().toString(),
                        "--anchor",
                        keys.authorityCertificate().toString(),
                        "--target",
                        target.toString());

        assertRefused(result, 9, "not of shop/7000000000000000001/20261123T020000Z-F");
    }

    @Test
    void refusesAnIncrementalBackup() throws Exception {
        Programs.Result result =
                Programs.run(
                        all,
                        "sh",
                        SCRIPT.toString(),
                        "--from",
                        bucket.toString(),
                        "--backup",
                        "shop/7000000000000000001/20261122T030000Z-I",
                        "--key",
                        keys.recipientKey().toString(),
                        "--anchor",
                        keys.authorityCertificate().toString(),
                        "--target",
                        target.toString());

        assertRefused(result, 4, "not a full backup");
    }

    @Test
    void saysHowItIsUsed() throws Exception {
        assertThat(Programs.run(all, "sh", SCRIPT.toString()).status()).isEqualTo(2);
        assertThat(Programs.run(all, "sh", SCRIPT.toString(), "--nonsense", "x").output())
                .contains("--nonsense", "--target DIR");
        assertThat(Programs.run(all, "sh", SCRIPT.toString(), "--help"))
                .satisfies(help -> {
                    assertThat(help.status()).isZero();
                    assertThat(help.output())
                            .startsWith("Restores a full backup")
                            .contains("--password-file FILE");
                });
    }

    @Test
    void leavesNothingBehindButTheRestoredFiles() throws Exception {
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        Programs.Result result =
                Programs.run(
                        all,
                        "env",
                        "TMPDIR=" + temporary,
                        "sh",
                        SCRIPT.toString(),
                        "--from",
                        bucket.toString(),
                        "--backup",
                        BACKUP,
                        "--key",
                        keys.recipientKey().toString(),
                        "--anchor",
                        keys.authorityCertificate().toString(),
                        "--target",
                        target.toString());

        assertThat(result.status()).as(result.output()).isZero();
        assertThat(temporary).isEmptyDirectory();
        assertThat(result.output()).doesNotContainPattern("[0-9a-f]{64}");
    }

    private Path copyOfBucket() throws IOException {
        Path copy = directory.resolve("bucket " + count++);
        for (ObjectKey key : SampleBackup.keys(commit)) {
            Path file = copy.resolve(key.value());
            Files.createDirectories(file.getParent());
            Files.copy(bucket.resolve(key.value()), file);
        }
        return copy;
    }

    private static void assertRefused(Programs.Result result, int status, String message) {
        assertThat(result.status()).as(result.output()).isEqualTo(status);
        assertThat(result.output()).contains("error: ", message, "hint: ");
    }

    private static void assertSameFiles(Path directory, byte[] tar, String... except) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        TarScanner scanner =
                new TarScanner(
                        "expected",
                        new TarVisitor() {
                            @Override
                            public void entry(TarEntry entry) {
                                content.reset();
                            }

                            @Override
                            public void content(byte[] bytes, int offset, int length) {
                                content.write(bytes, offset, length);
                            }

                            @Override
                            public void end(TarEntry entry) {
                                Path file = directory.resolve(entry.path());
                                if (entry.type() == TarEntryType.DIRECTORY) {
                                    assertThat(file).isDirectory();
                                } else if (!List.of(except).contains(entry.path())) {
                                    assertThat(file).hasBinaryContent(content.toByteArray());
                                }
                            }
                        });
        scanner.write(tar, 0, tar.length);
        scanner.finish();
    }
}

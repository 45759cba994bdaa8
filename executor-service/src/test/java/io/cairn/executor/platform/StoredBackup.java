package io.cairn.executor.platform;

import io.cairn.archive.VolumeDecoder;
import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.CommitSignature;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.WrappedKey;
import io.cairn.archive.tar.TarEntry;
import io.cairn.archive.tar.TarEntryType;
import io.cairn.archive.tar.TarIndex;
import io.cairn.archive.tar.TarScanner;
import io.cairn.archive.tar.TarVisitor;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import io.cairn.postgres.manifest.BackupManifest;
import io.cairn.postgres.manifest.FileVerifier;
import io.cairn.postgres.manifest.ManifestFile;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A committed backup read back from its store, with the recipient's key and nothing else. */
public final class StoredBackup {

    private final ObjectStore store;
    private final CommitObject commit;
    private final BackupKey key;

    private StoredBackup(ObjectStore store, CommitObject commit, BackupKey key) {
        this.store = store;
        this.commit = commit;
        this.key = key;
    }

    /** Reads the commit object, verifies its signature, opens its key. */
    public static StoredBackup open(
            ObjectStore store, BackupLayout layout, Identity recipient, X509Certificate anchor) {
        byte[] json = store.read(layout.commit(), 1 << 20);
        CommitObject commit = CommitObject.fromJson(json, layout.commit().value());
        byte[] signature = store.read(layout.signature(commit.attempt()), 1 << 20);
        CommitSignature.verify(json, signature, anchor, "signature");
        BackupKey key =
                WrappedKey.unwrap(store.read(commit.key()), recipient, commit.key().key().value());
        return new StoredBackup(store, commit, key);
    }

    public CommitObject commit() {
        return commit;
    }

    public byte[] manifest() {
        return decode(commit.manifest());
    }

    public TarIndex index() {
        return TarIndex.fromJson(decode(commit.index()), "index");
    }

    public byte[] tar(String archive) {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        Archive found =
                commit.archives().stream()
                        .filter(it -> it.name().equals(archive))
                        .findFirst()
                        .orElseThrow();
        read(found, tar::write);
        return tar.toByteArray();
    }

    /**
     * Unpacks one of its archives, as far as it has files and directories.
     *
     * @param to is created, for its owner alone, as a server wants it
     */
    public void unpack(String archive, Path to) throws IOException {
        Files.createDirectory(to);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwx------"));
        try (TarArchiveInputStream entries =
                new TarArchiveInputStream(new ByteArrayInputStream(tar(archive)), "UTF-8")) {
            for (TarArchiveEntry entry = entries.getNextEntry();
                    entry != null;
                    entry = entries.getNextEntry()) {
                Path path = to.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (entry.isFile()) {
                    Files.createDirectories(path.getParent());
                    Files.copy(entries, path);
                }
            }
        }
    }

    private byte[] decode(StoredObject object) {
        try (VolumeDecoder decoder = new VolumeDecoder(GzipCodec.best(), key);
                ObjectContent content = store.get(object)) {
            return decoder.decode(content.stream(), object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(Archive archive, VolumeDecoder.Output output) {
        try (VolumeDecoder decoder = new VolumeDecoder(GzipCodec.best(), key)) {
            for (Volume volume : archive.volumes()) {
                try (ObjectContent content = store.get(volume.object())) {
                    decoder.decode(content.stream(), volume, output);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Compares every file of all tar streams with the manifest, by size and checksum.
     *
     * @return what differs; nothing if all is well
     */
    public List<String> differences() {
        Map<String, ManifestFile> expected =
                new HashMap<>(BackupManifest.parse(manifest()).byPath());
        List<String> differences = new ArrayList<>();
        for (Archive archive : commit.archives()) {
            String directory =
                    archive.tablespace().map(it -> "pg_tblspc/" + it.oid() + "/").orElse("");
            Comparison comparison = new Comparison(directory, expected, differences);
            TarScanner scanner = new TarScanner(archive.name(), comparison);
            read(archive, scanner::write);
            scanner.finish();
        }
        new TreeSet<>(expected.keySet()).forEach(path -> differences.add(path + " is missing"));
        return differences;
    }

    private static final class Comparison implements TarVisitor {

        private final String directory;
        private final Map<String, ManifestFile> expected;
        private final List<String> differences;
        private FileVerifier verifier = new ManifestFile("none", 0, Optional.empty()).verifier();
        private boolean listed;

        Comparison(String directory, Map<String, ManifestFile> expected, List<String> differences) {
            this.directory = directory;
            this.expected = expected;
            this.differences = differences;
        }

        @Override
        public void entry(TarEntry entry) {
            ManifestFile file =
                    entry.type() == TarEntryType.FILE
                            ? expected.remove(directory + entry.path())
                            : null;
            listed = file != null;
            if (file != null) {
                verifier = file.verifier();
            } else if (entry.type() == TarEntryType.FILE && !entry.path().startsWith("pg_wal/")) {
                differences.add(directory + entry.path() + " is not in the manifest");
            }
        }

        @Override
        public void content(byte[] bytes, int offset, int length) {
            if (listed) {
                verifier.update(bytes, offset, length);
            }
        }

        @Override
        public void end(TarEntry entry) {
            if (listed && !(verifier.finish() instanceof FileVerifier.Outcome.Matches)) {
                differences.add(directory + entry.path() + " differs");
            }
        }
    }
}

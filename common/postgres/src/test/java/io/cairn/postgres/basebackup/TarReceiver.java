package io.cairn.postgres.basebackup;

import io.cairn.model.backup.Archive;
import io.cairn.postgres.manifest.BackupManifest;
import io.cairn.postgres.manifest.FileVerifier;
import io.cairn.postgres.manifest.ManifestFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Keeps a small base backup in memory and opens its archives with an independent reader of tar. */
final class TarReceiver implements BaseBackupReceiver {

    private final SequencedMap<String, ByteArrayOutputStream> archives = new LinkedHashMap<>();
    private final Map<String, Archive.Tablespace> tablespaces = new HashMap<>();
    private final ByteArrayOutputStream manifest = new ByteArrayOutputStream();
    private Optional<BaseBackupStart> start = Optional.empty();
    private long progress;

    @Override
    public void started(BaseBackupStart begun) {
        start = Optional.of(begun);
    }

    @Override
    public void archiveBegins(String name, Optional<Archive.Tablespace> tablespace) {
        archives.put(name, new ByteArrayOutputStream());
        tablespace.ifPresent(one -> tablespaces.put(name, one));
    }

    @Override
    public void archiveData(byte[] buffer, int offset, int length) {
        archives.lastEntry().getValue().write(buffer, offset, length);
    }

    @Override
    public void manifestData(byte[] buffer, int offset, int length) {
        manifest.write(buffer, offset, length);
    }

    @Override
    public void progress(long bytesDone) {
        progress = bytesDone;
    }

    BaseBackupStart start() {
        return start.orElseThrow();
    }

    long lastProgress() {
        return progress;
    }

    SequencedMap<String, ByteArrayOutputStream> archives() {
        return archives;
    }

    long archiveBytes() {
        return archives.values().stream().mapToLong(ByteArrayOutputStream::size).sum();
    }

    BackupManifest manifest() {
        return BackupManifest.parse(manifest.toByteArray());
    }

    byte[] manifestBytes() {
        return manifest.toByteArray();
    }

    /**
     * What each file of the manifest turned out to be; files that the archives have beyond it are
     * left out.
     */
    Map<String, FileVerifier.Outcome> verify() throws IOException {
        Map<String, ManifestFile> expected = manifest().byPath();
        Map<String, FileVerifier.Outcome> outcomes = new HashMap<>();
        for (Map.Entry<String, ByteArrayOutputStream> archive : archives.entrySet()) {
            String prefix =
                    tablespaces.containsKey(archive.getKey())
                            ? "pg_tblspc/" + tablespaces.get(archive.getKey()).oid() + "/"
                            : "";
            verify(archive.getValue().toByteArray(), prefix, expected, outcomes);
        }
        return outcomes;
    }

    private static void verify(
            byte[] archive,
            String prefix,
            Map<String, ManifestFile> expected,
            Map<String, FileVerifier.Outcome> outcomes)
            throws IOException {
        byte[] buffer = new byte[8192];
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new ByteArrayInputStream(archive), "UTF-8")) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                ManifestFile file = expected.get(prefix + entry.getName());
                if (file != null) {
                    FileVerifier verifier = file.verifier();
                    for (int read = tar.read(buffer); read >= 0; read = tar.read(buffer)) {
                        verifier.update(buffer, 0, read);
                    }
                    outcomes.put(file.path(), verifier.finish());
                }
            }
        }
    }
}

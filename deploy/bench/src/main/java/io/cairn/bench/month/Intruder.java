package io.cairn.bench.month;

import io.cairn.archive.key.CommitSignature;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.bench.Folders;
import io.cairn.config.Secret;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Has the right to write into the first store, and a signing key that nobody trusts. */
final class Intruder {

    private static final int BYTES_MAX = 1 << 30;
    private static final Duration VALIDITY = Duration.ofDays(400);

    private final ObjectStore store;
    private final Path directory;
    private final Random random;

    Intruder(Collection<ObjectStore> stores, Path directory, Random random) {
        this.store = stores.iterator().next();
        this.directory = directory;
        this.random = random;
    }

    /** A full backup, all of it, under another label. */
    String forge() throws IOException {
        List<ObjectKey> keys;
        try (Stream<ObjectInfo> all = store.list(Source.CLUSTER + "/")) {
            keys = all.map(ObjectInfo::key).toList();
        }
        BackupLayout layout =
                keys.stream()
                        .flatMap(key -> BackupLayout.ofCommit(key).stream())
                        .filter(each -> each.label().kind() == BackupKind.FULL)
                        .reduce((_, last) -> last)
                        .orElseThrow();
        byte[] json = store.read(layout.commit(), BYTES_MAX);
        AttemptId attempt = CommitObject.fromJson(json, layout.commit().value()).attempt();
        AttemptId forged = AttemptId.random(random);
        BackupLabel label = BackupLabel.of(layout.label().due().plusSeconds(1), BackupKind.FULL);
        for (ObjectKey key : keys) {
            if (key.value().startsWith(layout.attemptPrefix(attempt))
                    || key.value().startsWith(layout.wrapsPrefix(attempt))) {
                put(
                        key.value()
                                .replace(layout.label().value(), label.value())
                                .replace(attempt.value(), forged.value()),
                        store.read(key, BYTES_MAX));
            }
        }
        byte[] commit =
                new String(json, StandardCharsets.UTF_8)
                        .replace(layout.label().value(), label.value())
                        .replace(attempt.value(), forged.value())
                        .getBytes(StandardCharsets.UTF_8);
        BackupLayout place = new BackupLayout(layout.root(), label);
        put(place.signature(forged).value(), CommitSignature.sign(commit, signer(), Instant.now()));
        put(place.commit().value(), commit);
        return label + " is forged";
    }

    private void put(String key, byte[] bytes) {
        store.putIfAbsent(new ObjectKey(key), ObjectBody.of(bytes)).orThrow();
    }

    private Identity signer() throws IOException {
        Secret password = Folders.randomSecret();
        KeyFiles files =
                KeyFiles.create(
                        directory,
                        "intruder",
                        KeyAlgorithm.EC_P256,
                        password.chars(),
                        Instant.now().minusSeconds(60),
                        VALIDITY);
        return Identity.read(files.signer(), password.chars());
    }
}

package io.cairn.bench.month;

import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.KeyFiles;
import io.cairn.archive.key.Recipients;
import io.cairn.bench.Folders;
import io.cairn.config.Secret;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.restore.key.KeyRotation;
import io.cairn.storage.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who can open backups: the recipients there were at first, whom executors go on to write for, and
 * one more with every rotation.
 */
final class Keys {

    private static final int THREADS = 4;
    private static final Duration VALIDITY = Duration.ofDays(400);

    private final List<ObjectStore> stores;
    private final X509Certificate trustAnchor;
    private final Path directory;
    private final SimulatedClock clock;
    private final Identity first;
    private final List<Identity> identities = new ArrayList<>();
    private @Nullable Identity next;
    private @Nullable KeyRotation rotated;
    private int number;

    Keys(
            Collection<ObjectStore> stores,
            X509Certificate trustAnchor,
            Identity first,
            Path directory,
            SimulatedClock clock) {
        this.stores = List.copyOf(stores);
        this.trustAnchor = trustAnchor;
        this.first = first;
        this.directory = directory;
        this.clock = clock;
        identities.add(first);
    }

    /** Phase one for a new recipient beside the first, or phase one again until it is done. */
    String rotate() throws InterruptedException, IOException {
        Identity recipient = next == null ? create() : next;
        next = recipient;
        identities.add(recipient);
        try {
            KeyRotation rotation =
                    new KeyRotation(
                            stores,
                            trustAnchor,
                            new Recipients(List.of(first.certificate(), recipient.certificate())),
                            identities,
                            clock,
                            THREADS);
            int problems = 0;
            int added = 0;
            for (ClusterRoot root : rotation.roots(Source.CLUSTER)) {
                KeyRotation.Report report = rotation.add(root, false, (_, _) -> {});
                added += report.added();
                problems += report.problems().size();
            }
            if (problems == 0) {
                next = null;
                rotated = rotation;
            }
            return "rotated: %d wraps added, %d problems".formatted(added, problems);
        } catch (CairnException e) {
            return "not rotated: " + e.messageWithHint();
        }
    }

    /** Phase two of the last rotation that was done, after phase one for what came since. */
    String retire() throws InterruptedException {
        KeyRotation rotation = rotated;
        if (rotation == null) {
            return "no rotation to retire wraps of";
        }
        try {
            int removed = 0;
            int kept = 0;
            int problems = 0;
            for (ClusterRoot root : rotation.roots(Source.CLUSTER)) {
                rotation.add(root, false, (_, _) -> {});
                KeyRotation.Report report = rotation.retire(root, false, (_, _) -> {});
                removed += report.removed();
                kept += report.kept().size();
                problems += report.problems().size();
            }
            return "retired: %d wraps removed, %d kept by locks, %d problems"
                    .formatted(removed, kept, problems);
        } catch (CairnException e) {
            return "not retired: " + e.messageWithHint();
        }
    }

    private Identity create() throws IOException {
        number++;
        Secret password = Folders.randomSecret();
        Path folder = directory.resolve("rotation-" + number);
        KeyFiles files =
                KeyFiles.create(
                        folder,
                        "rotation " + number,
                        KeyAlgorithm.EC_P256,
                        password.chars(),
                        Instant.now().minusSeconds(60),
                        VALIDITY);
        return Identity.read(files.recipient(), password.chars());
    }
}

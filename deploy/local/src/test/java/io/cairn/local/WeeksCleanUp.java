package io.cairn.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.catalog.retention.CleanUp;
import io.cairn.catalog.retention.KnownWork;
import io.cairn.catalog.retention.Retention;
import io.cairn.catalog.retention.RetentionGuards;
import io.cairn.config.CairnConfig;
import io.cairn.events.BackupCompleted;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventObject;
import io.cairn.events.ValidationPassed;
import io.cairn.events.WalExpired;
import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.storage.ForwardingStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectPage;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.s3.S3ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The clean-up of the week's Sunday, with the catalog's classes: on the week's clock, which the
 * stores' are put forward to, and by a policy that keeps three days.
 */
final class WeeksCleanUp {

    private static final Duration KEPT = Duration.ofDays(3);

    private final CairnConfig config;
    private final Duration ahead;

    /**
     * @param now on the week's clock
     */
    WeeksCleanUp(CairnConfig config, Instant now) {
        this.config = config;
        this.ahead = Duration.between(Instant.now(), now);
    }

    /**
     * @param newest of its cluster, which the validator has proven
     * @return what expired
     */
    List<BackupLabel> run(BackupCompleted newest) {
        List<ObjectStore> stores = new ArrayList<>();
        List<CairnEvent> told = new ArrayList<>();
        try {
            config.policy(newest.tier())
                    .run()
                    .copies()
                    .forEach(copy ->
                            stores.add(new Forward(S3ObjectStore.open(config.store(copy)))));
            prove(newest, stores.getFirst());
            RetentionGuards defaults = RetentionGuards.DEFAULT;
            Retention retention =
                    new Retention(
                            stores,
                            KnownWork.NONE,
                            new RetentionGuards(
                                    1,
                                    defaults.clockSkew(),
                                    defaults.orphanAge(),
                                    defaults.pieceAge()),
                            () -> Instant.now().plus(ahead),
                            told::add);
            CleanUp done =
                    retention
                            .cleanUp(newest.cluster(), threeDays(config.policy(newest.tier())))
                            .getFirst();
            assertThat(done).isInstanceOf(CleanUp.Applied.class);
            assertThat(told).hasAtLeastOneElementOfType(WalExpired.class);
            return ((CleanUp.Applied) done).expired();
        } finally {
            stores.forEach(ObjectStore::close);
        }
    }

    private static void prove(BackupCompleted newest, ObjectStore store) {
        ValidationPassed passed =
                new ValidationPassed(
                        newest.run(),
                        newest.attempt(),
                        newest.store(),
                        newest.completedAt(),
                        newest.completedAt(),
                        1,
                        1,
                        1);
        EventObject record = EventObject.of(passed);
        ClusterRoot root = new ClusterRoot(newest.cluster(), newest.systemIdentifier());
        store.putIfAbsent(
                        record.key(root, EventObject.VERIFICATIONS, newest.run().label()),
                        ObjectBody.of(record.toJson()))
                .orThrow();
    }

    private static TierPolicy threeDays(TierPolicy policy) {
        RunPolicy run = policy.run();
        return new TierPolicy(
                policy.tier(),
                KEPT,
                new RunPolicy(
                        KEPT,
                        run.rto(),
                        run.rpo(),
                        run.copies(),
                        run.gzipLevel(),
                        run.volumeBytes()),
                policy.schedules());
    }

    /** A store whose clock goes with the week's. */
    private final class Forward extends ForwardingStore {

        Forward(ObjectStore store) {
            super(store);
        }

        @Override
        public Optional<ObjectInfo> head(ObjectKey key) {
            return super.head(key).map(this::later);
        }

        @Override
        public ObjectPage list(String prefix, Optional<ObjectKey> after, int limit) {
            ObjectPage page = super.list(prefix, after, limit);
            return new ObjectPage(page.objects().stream().map(this::later).toList(), page.next());
        }

        private ObjectInfo later(ObjectInfo info) {
            return new ObjectInfo(
                    info.key(),
                    info.length(),
                    info.sha256(),
                    info.lastModified().plus(ahead),
                    info.versionId(),
                    info.storageClass(),
                    info.retention(),
                    info.legalHold(),
                    info.metadata(),
                    info.etag(),
                    info.thaw());
        }
    }
}

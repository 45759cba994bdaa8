package io.cairn.executor.basebackup;

import io.cairn.archive.VolumeDecoder;
import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.WrappedKey;
import io.cairn.events.BackupDue;
import io.cairn.executor.publish.Commits;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.CommitObject.ExecutorsManifest;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Chooses what an incremental builds on: the newest full or incremental that is committed in the
 * store, not damaged at the source, whole, not found invalid since, and on a chain that is so too.
 * Whether the server can build on it, with its timeline and its WAL summaries, the server is asked.
 */
final class Parents {

    private final ObjectStore store;
    private final BackupKeys keys;
    private final ChainSettings settings;
    private final Commits commits;

    Parents(ObjectStore store, BackupKeys keys, ChainSettings settings) {
        this.store = store;
        this.keys = keys;
        this.settings = settings;
        this.commits = new Commits(store);
    }

    sealed interface Choice {}

    /**
     * @param manifest byte for byte
     */
    record Parent(CommitObject commit, byte[] manifest) implements Choice {}

    /**
     * @param reason one line, for people
     */
    record None(String reason) implements Choice {}

    /**
     * Nor is a new full likely to be better than the last two, which were found invalid: hourly
     * incrementals must not become hourly fulls.
     *
     * @param reason one line, for people
     */
    record NorFull(String reason) implements Choice {}

    /** Why no incremental can be taken here at all, until the configuration changes. */
    Optional<String> notSetUp() {
        if (settings.incrementals() == 0) {
            return Optional.of(
                    "incrementals are switched off: cairn.executor.chain.incrementals is 0");
        }
        if (keys.manifests().isEmpty()) {
            return Optional.of("executors have no key for manifests: keys.manifests is not set");
        }
        if (keys.trustAnchor().isEmpty()) {
            return Optional.of("executors cannot verify a parent: keys.trustAnchor is not set");
        }
        return Optional.empty();
    }

    /**
     * Only where incrementals are {@linkplain #notSetUp set up}.
     *
     * @throws CairnException {@link ErrorCode#STORE_ACCESS_DENIED} if the executor may not read
     *     what it must; of category {@link ErrorCategory#TRANSIENT}
     */
    Choice choose(ClusterRoot root, BackupDue due) {
        NavigableMap<BackupLabel, CommitObject> recent = recent(root, due);
        Validations validations = new Validations(store, root);
        Choice choice = choose(recent, validations, due);
        return choice instanceof None(String reason) && fullsFail(recent, validations)
                ? new NorFull("the last two full backups are not valid either; " + reason)
                : choice;
    }

    private static boolean fullsFail(
            NavigableMap<BackupLabel, CommitObject> recent, Validations validations) {
        List<CommitObject> fulls =
                recent.descendingMap().values().stream()
                        .filter(commit -> commit.kind() == BackupKind.FULL)
                        .limit(2)
                        .toList();
        return fulls.size() == 2
                && fulls.stream().allMatch(full -> validations.objection(full).isPresent());
    }

    private Choice choose(
            NavigableMap<BackupLabel, CommitObject> recent,
            Validations validations,
            BackupDue due) {
        Identity identity = keys.manifests().orElseThrow();
        X509Certificate anchor = keys.trustAnchor().orElseThrow();
        List<String> reasons = new ArrayList<>();
        for (CommitObject candidate : recent.descendingMap().values()) {
            try {
                List<CommitObject> chain = chain(candidate, recent);
                if (chain.size() > settings.incrementals()) {
                    return new None(
                            settings.incrementals()
                                    + " incrementals follow "
                                    + chain.getLast().label()
                                    + ", which is the limit");
                }
                int rate = validations.restoreRate(chain).orElse(settings.restoreRate());
                Optional<String> tooSlow = RestoreTime.of(chain, rate).missed(due.policy());
                if (tooSlow.isPresent()) {
                    return new None(tooSlow.get());
                }
                ExecutorsManifest copy =
                        candidate
                                .executorsManifest()
                                .orElseThrow(() ->
                                        new Unfit(
                                                candidate.label()
                                                        + " has no manifest that executors can open"));
                chain.forEach(backup -> requireValid(backup, validations));
                chain.forEach(backup -> commits.requireWhole(backup, anchor));
                return new Parent(candidate, manifest(copy, identity));
            } catch (Unfit e) {
                reasons.add(e.getMessage());
            } catch (CairnException e) {
                if (e.category() == ErrorCategory.TRANSIENT
                        || e.code() == ErrorCode.STORE_ACCESS_DENIED) {
                    throw e;
                }
                reasons.add(candidate.label() + ": " + e.getMessage());
            }
        }
        return new None(
                reasons.isEmpty()
                        ? "there is no full backup of the last " + settings.age().toHours() + " h"
                        : reasons.getFirst());
    }

    private NavigableMap<BackupLabel, CommitObject> recent(ClusterRoot root, BackupDue due) {
        TreeMap<BackupLabel, CommitObject> recent = new TreeMap<>(Comparator.naturalOrder());
        BackupLabel own = due.run().label();
        commits
                .between(
                        root,
                        BackupLabel.of(own.due().minus(settings.age()), BackupKind.FULL),
                        BackupLabel.of(own.due(), BackupKind.FULL))
                .stream()
                .filter(commit ->
                        commit.kind() == BackupKind.FULL || commit.kind() == BackupKind.INCREMENTAL)
                .forEach(commit -> recent.put(commit.label(), commit));
        return recent;
    }

    /** The candidate first, its full last. */
    private static List<CommitObject> chain(
            CommitObject candidate, Map<BackupLabel, CommitObject> recent) {
        List<CommitObject> chain = new ArrayList<>();
        CommitObject link = candidate;
        while (true) {
            if (link.damaged()) {
                throw new Unfit(link.label() + " is damaged: pages were broken at the source");
            }
            chain.add(link);
            Optional<BackupLabel> parent = link.parent();
            if (parent.isEmpty()) {
                return chain;
            }
            CommitObject next = recent.get(parent.get());
            if (next == null || next.label().compareTo(link.label()) >= 0) {
                throw new Unfit(link.label() + " builds on " + parent.get() + ", which is missing");
            }
            requireSameAttempt(link, next);
            link = next;
        }
    }

    /** Of two attempts at the parent that were committed, the other may have kept the name. */
    private static void requireSameAttempt(CommitObject link, CommitObject parent) {
        if (link.parentAttempt().filter(wanted -> !wanted.equals(parent.attempt())).isPresent()) {
            throw new Unfit(
                    "%s builds on another attempt at %s than the one that has its name"
                            .formatted(link.label(), parent.label()));
        }
    }

    private static void requireValid(CommitObject backup, Validations validations) {
        validations
                .objection(backup)
                .ifPresent(objection -> {
                    throw new Unfit(objection);
                });
    }

    private byte[] manifest(ExecutorsManifest copy, Identity identity) {
        String name = copy.wrappedKey().key().value();
        BackupKey key = WrappedKey.unwrap(store.read(copy.wrappedKey()), identity, name);
        try (VolumeDecoder decoder = new VolumeDecoder(GzipCodec.best(), key)) {
            return decoder.decode(
                    new ByteArrayInputStream(store.read(copy.object())), copy.object());
        } catch (IOException e) {
            throw new AssertionError("an array can be read", e);
        } finally {
            key.destroy();
        }
    }

    /** A candidate that nothing can be built on. */
    private static final class Unfit extends RuntimeException {

        private static final long serialVersionUID = 1;

        Unfit(String reason) {
            super(reason);
        }
    }
}

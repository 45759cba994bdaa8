package io.cairn.bench.month;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.archive.key.CommitSignature;
import io.cairn.archive.key.Identity;
import io.cairn.events.EventObject;
import io.cairn.model.AttemptId;
import io.cairn.model.Json;
import io.cairn.model.ObjectKey;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.StoredWal;
import io.cairn.storage.ForwardingStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectPage;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import io.cairn.storage.Retention;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Stores as somebody sees them from whom a {@link Guard} was taken. */
final class Unguarded {

    private static final int COMMIT_BYTES_MAX = 64 << 20;

    private Unguarded() {}

    /** How a store is seen. */
    @FunctionalInterface
    interface Around {
        ObjectStore put(ObjectStore store, Guard.Surroundings surroundings);
    }

    private static byte[] bytes(ObjectBody body) {
        try (InputStream stream = body.open()) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectContent content(ObjectInfo info, byte[] bytes) {
        return ObjectContent.of(info, bytes.length, new ByteArrayInputStream(bytes));
    }

    private static boolean isCommit(ObjectKey key) {
        return BackupLayout.ofAnyCommit(key).isPresent();
    }

    /** Takes every PUT for one without a condition. */
    static final class Overwriting extends ForwardingStore {

        Overwriting(ObjectStore store) {
            super(store);
        }

        @Override
        public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
            Optional<ObjectInfo> present = store().head(key);
            return present.isEmpty()
                    ? super.putIfAbsent(key, body, options)
                    : new PutOutcome.Created(store().replace(present.get(), body, options).info());
        }
    }

    private static PutOutcome said(ObjectKey key, ObjectBody body, PutOptions options) {
        return new PutOutcome.Created(
                new ObjectInfo(
                        key,
                        body.length(),
                        Optional.of(body.sha256()),
                        Instant.now().truncatedTo(ChronoUnit.SECONDS),
                        Optional.empty(),
                        Optional.empty(),
                        options.retention(),
                        options.legalHold(),
                        options.metadata()));
    }

    /** Says of some keys that they are stored. */
    static final class Forgetting extends ForwardingStore {

        private final Predicate<ObjectKey> keys;

        Forgetting(ObjectStore store, Predicate<ObjectKey> keys) {
            super(store);
            this.keys = keys;
        }

        @Override
        public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
            return keys.test(key)
                    ? said(key, body, options)
                    : super.putIfAbsent(key, body, options);
        }
    }

    static boolean isVolume(ObjectKey key) {
        return key.value().contains(".tar/");
    }

    static boolean isWal(ObjectKey key) {
        return StoredWal.of(key).isPresent();
    }

    static boolean isSecondCommit(ObjectKey key) {
        return isCommit(key) && BackupLayout.ofCommit(key).isEmpty();
    }

    /** Has a commit object, with its signature, as soon as anybody asks for it. */
    static final class CommitFirst extends ForwardingStore {

        private final List<ObjectStore> others;

        CommitFirst(ObjectStore store, List<ObjectStore> others) {
            super(store);
            this.others = others;
        }

        @Override
        public Optional<ObjectInfo> head(ObjectKey key) {
            Optional<ObjectInfo> present = super.head(key);
            if (present.isEmpty() && isCommit(key)) {
                others.forEach(other -> copy(key, other));
            }
            return present;
        }

        private void copy(ObjectKey key, ObjectStore from) {
            if (from.head(key).isPresent()) {
                byte[] json = from.read(key, COMMIT_BYTES_MAX);
                CommitObject commit = CommitObject.fromJson(json, key.value());
                ObjectKey signature = commit.layout().signature(commit.attempt());
                for (ObjectKey each : List.of(signature, key)) {
                    store().putIfAbsent(each, ObjectBody.of(from.read(each, COMMIT_BYTES_MAX)));
                }
            }
        }
    }

    /** Compares nothing with the digest it ought to have, neither reading nor writing. */
    static final class Unchecked extends ForwardingStore {

        Unchecked(ObjectStore store) {
            super(store);
        }

        @Override
        public ObjectContent get(StoredObject part) {
            return get(part.key());
        }

        @Override
        public PutOutcome putIfAbsent(ObjectKey key, ObjectBody body, PutOptions options) {
            return super.putIfAbsent(key, ObjectBody.of(bytes(body)), options);
        }
    }

    /** Answers as before anything was stored whose key contains something, but by its bytes. */
    static class Stale extends ForwardingStore {

        private final String part;

        Stale(ObjectStore store, String part) {
            super(store);
            this.part = part;
        }

        final boolean hides(ObjectKey key) {
            return key.value().contains(part);
        }

        @Override
        public Optional<ObjectInfo> head(ObjectKey key) {
            return hides(key) ? Optional.empty() : super.head(key);
        }

        @Override
        public ObjectPage list(String prefix, Optional<ObjectKey> after, int limit) {
            ObjectPage page = super.list(prefix, after, limit);
            return new ObjectPage(
                    page.objects().stream().filter(info -> !hides(info.key())).toList(),
                    page.next());
        }
    }

    /** Nothing is there whose key contains something. */
    static final class Hiding extends Stale {

        Hiding(ObjectStore store, String part) {
            super(store, part);
        }

        @Override
        public ObjectContent get(ObjectKey key) {
            return super.get(visible(key));
        }

        @Override
        public ObjectContent get(ObjectKey key, long offset, long length) {
            return super.get(visible(key), offset, length);
        }

        private ObjectKey visible(ObjectKey key) {
            if (hides(key)) {
                throw new CairnException(
                        ErrorCode.STORE_OBJECT_MISSING, key + " is hidden", "look without this");
            }
            return key;
        }
    }

    /** Tells of no lock and no legal hold. */
    static final class Unprotected extends ForwardingStore {

        Unprotected(ObjectStore store) {
            super(store);
        }

        @Override
        public Optional<ObjectInfo> head(ObjectKey key) {
            return super.head(key)
                    .map(info ->
                            new ObjectInfo(
                                    info.key(),
                                    info.length(),
                                    info.sha256(),
                                    info.lastModified(),
                                    info.versionId(),
                                    info.storageClass(),
                                    Optional.empty(),
                                    false,
                                    info.metadata(),
                                    info.etag(),
                                    info.thaw()));
        }
    }

    /** Locks nothing, and is believed to. */
    static final class Believed extends ForwardingStore {

        private final Map<ObjectKey, Retention> asked = new HashMap<>();

        Believed(ObjectStore store) {
            super(store);
        }

        @Override
        public synchronized void retain(ObjectKey key, Retention retention) {
            asked.put(key, retention);
        }

        @Override
        public synchronized Optional<Retention> retention(ObjectKey key) {
            return Optional.ofNullable(asked.get(key)).or(() -> super.retention(key));
        }
    }

    /** No backup builds on one that there is. */
    static final class Parentless extends ForwardingStore {

        private static final String NOBODY = "20000101T000000Z-F";

        Parentless(ObjectStore store) {
            super(store);
        }

        @Override
        public ObjectContent get(ObjectKey key) {
            ObjectContent content = super.get(key);
            if (!isCommit(key)) {
                return content;
            }
            try (content) {
                JsonNode commit = Json.mapper().readTree(content.stream());
                if (commit.hasNonNull("parent")) {
                    ((ObjectNode) commit).put("parent", NOBODY);
                }
                return Unguarded.content(content.info(), Json.write(commit));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Has a record for every backup that it was verified. */
    static final class Proven extends ForwardingStore {

        private final Map<ObjectKey, byte[]> records = new HashMap<>();

        Proven(ObjectStore store) {
            super(store);
        }

        @Override
        public synchronized Stream<ObjectInfo> list(String prefix) {
            List<ObjectInfo> there = super.list(prefix).toList();
            Stream<ObjectInfo> proofs =
                    there.stream()
                            .filter(info -> isCommit(info.key()))
                            .flatMap(info -> proof(info).stream());
            return Stream.concat(there.stream(), proofs);
        }

        private Optional<ObjectInfo> proof(ObjectInfo info) {
            CommitObject commit =
                    CommitObject.fromJson(read(info.key(), COMMIT_BYTES_MAX), info.key().value());
            EventObject record = Validator.passed(commit, name());
            ObjectKey key =
                    record.key(commit.layout().root(), EventObject.VERIFICATIONS, commit.label());
            if (super.head(key).isPresent()) {
                return Optional.empty();
            }
            records.put(key, record.toJson());
            return Optional.of(about(key));
        }

        private ObjectInfo about(ObjectKey key) {
            return new ObjectInfo(
                    key,
                    records.getOrDefault(key, new byte[0]).length,
                    Optional.empty(),
                    Instant.EPOCH,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    Map.of());
        }

        @Override
        public synchronized ObjectContent get(ObjectKey key) {
            byte[] record = records.get(key);
            return record == null ? super.get(key) : content(about(key), record);
        }
    }

    /** Whatever commit object is there, the executor has signed it. */
    static final class Signed extends ForwardingStore {

        private static final String SUFFIX = ".sig";

        private final Identity signer;

        Signed(ObjectStore store, Identity signer) {
            super(store);
            this.signer = signer;
        }

        @Override
        public ObjectContent get(ObjectKey key) {
            ObjectContent content = super.get(key);
            if (!key.value().endsWith(SUFFIX)) {
                return content;
            }
            content.close();
            String name = key.value();
            String folder = name.substring(0, name.lastIndexOf('/') + 1);
            AttemptId attempt =
                    new AttemptId(
                            name.substring(
                                    folder.length() + "backup.".length(),
                                    name.length() - SUFFIX.length()));
            byte[] signature = CommitSignature.sign(commit(folder, attempt), signer, Instant.now());
            return content(content.info(), signature);
        }

        private byte[] commit(String folder, AttemptId attempt) {
            ObjectKey second = new ObjectKey(folder + "backup." + attempt + ".json");
            ObjectKey key =
                    super.head(second).isPresent() ? second : new ObjectKey(folder + "backup.json");
            return read(key, COMMIT_BYTES_MAX);
        }
    }
}

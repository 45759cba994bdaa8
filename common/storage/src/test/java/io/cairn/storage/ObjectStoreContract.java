package io.cairn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.archival.ThawState;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link ObjectStore} does. Works in a bucket that holds other things already: each test
 * has a prefix of its own.
 */
public abstract class ObjectStoreContract {

    private static final int WRITERS = 16;

    private final Random random = new Random();
    private String prefix = "";

    @BeforeEach
    void choosePrefix() {
        prefix = "contract/" + HexFormat.of().toHexDigits(random.nextLong()) + "/";
    }

    /** The store under test, open. */
    protected abstract ObjectStore store();

    /** Whether it keeps versions and enforces Object Lock. */
    protected abstract boolean hasObjectLock();

    /** Whether it refuses bytes that do not match the digest they come with. */
    protected abstract boolean verifiesDigests();

    /** Whether it keeps tags. */
    protected boolean hasTags() {
        return true;
    }

    /** Whether it has archive classes. */
    protected boolean hasArchive() {
        return true;
    }

    /** Another bucket that this one can copy from by itself, open. */
    protected abstract Optional<ObjectStore> sibling();

    /** The store's time. */
    protected Instant now() {
        return Instant.now();
    }

    /** Lets the store's time pass, by stepping its clock or by waiting. */
    protected abstract void pass(Duration time);

    private ObjectKey key(String name) {
        return new ObjectKey(prefix + name);
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] stored(ObjectKey key) {
        return store().read(key, Integer.MAX_VALUE);
    }

    // storing
    // --------------------------------------------------------------------------------------------------------

    @Test
    void givesBackWhatWasStored() {
        byte[] bytes = bytes(100_000);

        PutOutcome outcome = store().putIfAbsent(key("object"), ObjectBody.of(bytes));

        assertThat(outcome).isInstanceOf(PutOutcome.Created.class);
        assertThat(stored(key("object"))).isEqualTo(bytes);
    }

    @Test
    void storesAnEmptyObject() {
        store().putIfAbsent(key("empty"), ObjectBody.of(new byte[0])).orThrow();

        assertThat(stored(key("empty"))).isEmpty();
        assertThat(store().head(key("empty"))).get().extracting(ObjectInfo::length).isEqualTo(0L);
    }

    @Test
    void storesBuffersInTheirOrderWithoutMovingThem() {
        byte[] bytes = bytes(300_000);
        List<ByteBuffer> buffers =
                List.of(
                        ByteBuffer.wrap(bytes, 0, 1),
                        ByteBuffer.allocateDirect(200_000),
                        ByteBuffer.wrap(bytes, 200_001, 99_999));
        buffers.get(1).put(bytes, 1, 200_000).flip();

        store().putIfAbsent(key("buffers"), ObjectBody.of(buffers, Sha256.of(bytes))).orThrow();

        assertThat(stored(key("buffers"))).isEqualTo(bytes);
        assertThat(buffers).extracting(ByteBuffer::remaining).containsExactly(1, 200_000, 99_999);
    }

    @Test
    void storesAFile(@TempDir Path directory) throws IOException {
        byte[] bytes = bytes(50_000);
        Path file = Files.write(directory.resolve("file"), bytes);

        store().putIfAbsent(key("file"), ObjectBody.of(file)).orThrow();

        assertThat(stored(key("file"))).isEqualTo(bytes);
    }

    @Test
    void keepsDigestAndMetadata() {
        byte[] bytes = bytes(10);
        PutOptions options =
                PutOptions.NONE.withMetadata(Map.of("plain-sha256", "abc", "session", "17"));

        store().putIfAbsent(key("metadata"), ObjectBody.of(bytes), options).orThrow();

        ObjectInfo info = store().head(key("metadata")).orElseThrow();
        assertThat(info.sha256()).contains(Sha256.of(bytes));
        assertThat(info.metadata()).isEqualTo(options.metadata());
        assertThat(info.lastModified()).isBetween(now().minusSeconds(60), now().plusSeconds(60));
    }

    @Test
    void recognisesItsOwnBytesOnASecondTry() {
        byte[] bytes = bytes(1000);
        store().putIfAbsent(key("twice"), ObjectBody.of(bytes)).orThrow();

        PutOutcome second = store().putIfAbsent(key("twice"), ObjectBody.of(bytes));

        assertThat(second).isInstanceOf(PutOutcome.AlreadyPresent.class);
        assertThat(second.info().length()).isEqualTo(1000);
    }

    @Test
    void leavesOtherBytesAloneAndSaysSo() {
        byte[] first = bytes(1000);
        store().putIfAbsent(key("other"), ObjectBody.of(first)).orThrow();

        PutOutcome second = store().putIfAbsent(key("other"), ObjectBody.of(bytes(1000)));

        assertThat(second).isInstanceOf(PutOutcome.Different.class);
        assertThat(second.info().sha256()).contains(Sha256.of(first));
        assertThat(stored(key("other"))).isEqualTo(first);
        assertThatThrownBy(second::orThrow).satisfies(error(ErrorCode.STORE_OBJECT_DIFFERS));
    }

    @Test
    void letsExactlyOneOfManyWritersCreateAnObject() throws Exception {
        for (int round = 0; round < 5; round++) {
            ObjectKey key = key("race-" + round);

            List<PutOutcome> outcomes = putAtOnce(key, () -> ObjectBody.of(bytes(20_000)));

            assertThat(outcomes).filteredOn(PutOutcome.Created.class::isInstance).hasSize(1);
            assertThat(outcomes)
                    .filteredOn(PutOutcome.Different.class::isInstance)
                    .hasSize(WRITERS - 1);
            PutOutcome winner =
                    outcomes.stream()
                            .filter(PutOutcome.Created.class::isInstance)
                            .findFirst()
                            .orElseThrow();
            assertThat(Sha256.of(stored(key))).isEqualTo(winner.info().sha256().orElseThrow());
        }
    }

    @Test
    void tellsEveryWriterOfTheSameBytesThatTheyAreThere() throws Exception {
        byte[] bytes = bytes(20_000);

        List<PutOutcome> outcomes = putAtOnce(key("same"), () -> ObjectBody.of(bytes));

        assertThat(outcomes)
                .filteredOn(PutOutcome.Created.class::isInstance)
                .hasSizeLessThanOrEqualTo(1);
        assertThat(outcomes).noneMatch(PutOutcome.Different.class::isInstance);
        assertThat(stored(key("same"))).isEqualTo(bytes);
    }

    private List<PutOutcome> putAtOnce(ObjectKey key, Callable<ObjectBody> body) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<PutOutcome>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                ObjectBody mine = body.call();
                writers.add(() -> store().putIfAbsent(key, mine));
            }
            List<PutOutcome> outcomes = new ArrayList<>();
            for (Future<PutOutcome> outcome : threads.invokeAll(writers)) {
                outcomes.add(outcome.get());
            }
            return outcomes;
        }
    }

    @Test
    void storesNothingOfABodyThatFailsMidway() {
        byte[] bytes = bytes(1_000_000);
        ObjectBody failing =
                ObjectBody.of(
                        bytes.length,
                        Sha256.of(bytes),
                        () ->
                                new InputStream() {
                                    private final InputStream half =
                                            new ByteArrayInputStream(bytes, 0, 500_000);

                                    @Override
                                    public int read() throws IOException {
                                        return half.available() > 0 ? half.read() : fail();
                                    }

                                    @Override
                                    public int read(byte[] target, int offset, int length)
                                            throws IOException {
                                        int count = half.read(target, offset, length);
                                        return count < 0 ? fail() : count;
                                    }

                                    private int fail() {
                                        throw new CairnException(
                                                ErrorCode.SOURCE_FAILED,
                                                "the source is gone",
                                                "find it");
                                    }
                                });

        assertThatThrownBy(() -> store().putIfAbsent(key("half"), failing))
                .satisfies(error(ErrorCode.SOURCE_FAILED));

        assertThat(store().head(key("half"))).isEmpty();
        assertThat(store().list(prefix)).isEmpty();
    }

    @Test
    void refusesBytesThatDoNotMatchTheirDigest() {
        assumeTrue(verifiesDigests());
        ObjectBody wrong =
                ObjectBody.of(
                        10, Sha256.of(bytes(10)), () -> new ByteArrayInputStream(new byte[10]));

        assertThatThrownBy(() -> store().putIfAbsent(key("wrong"), wrong))
                .satisfies(error(ErrorCode.STORE_OBJECT_DIFFERS));

        assertThat(store().head(key("wrong"))).isEmpty();
    }

    // reading
    // --------------------------------------------------------------------------------------------------------

    @Test
    void knowsNothingOfWhatIsNotThere() {
        assertThat(store().head(key("nothing"))).isEmpty();
        assertThatThrownBy(() -> store().get(key("nothing")))
                .satisfies(error(ErrorCode.STORE_OBJECT_MISSING));
        assertThatThrownBy(() -> store().get(key("nothing"), 0, 1))
                .satisfies(error(ErrorCode.STORE_OBJECT_MISSING));
        assertThatThrownBy(() -> store().read(key("nothing"), 1))
                .satisfies(error(ErrorCode.STORE_OBJECT_MISSING));
    }

    @Test
    void readsARange() throws IOException {
        byte[] bytes = bytes(1000);
        store().putIfAbsent(key("range"), ObjectBody.of(bytes)).orThrow();

        try (ObjectContent content = store().get(key("range"), 100, 50)) {
            assertThat(content.length()).isEqualTo(50);
            assertThat(content.info().length()).isEqualTo(1000);
            assertThat(content.stream().readAllBytes())
                    .isEqualTo(Arrays.copyOfRange(bytes, 100, 150));
        }
        try (ObjectContent content = store().get(key("range"), 990, 50)) {
            assertThat(content.length()).isEqualTo(10);
            assertThat(content.stream().readAllBytes())
                    .isEqualTo(Arrays.copyOfRange(bytes, 990, 1000));
        }
        assertThatThrownBy(() -> store().get(key("range"), 1000, 1))
                .satisfies(error(ErrorCode.STORE_ERROR));
    }

    @Test
    void closesAnObjectThatIsNotReadToItsEnd() throws IOException {
        store().putIfAbsent(key("early"), ObjectBody.of(bytes(2_000_000))).orThrow();

        for (int i = 0; i < 100; i++) {
            try (ObjectContent content = store().get(key("early"))) {
                assertThat(content.stream().read()).isNotNegative();
            }
        }
    }

    @Test
    void checksAPartAgainstItsDigest() {
        byte[] bytes = bytes(100_000);
        store().putIfAbsent(key("part"), ObjectBody.of(bytes)).orThrow();

        assertThat(store().read(new StoredObject(key("part"), bytes.length, Sha256.of(bytes))))
                .isEqualTo(bytes);
        assertThatThrownBy(() ->
                        store().read(
                                        new StoredObject(
                                                key("part"), bytes.length, Sha256.of(bytes(1)))))
                .satisfies(error(ErrorCode.STORE_OBJECT_DIFFERS));
        assertThatThrownBy(() ->
                        store().get(
                                        new StoredObject(
                                                key("part"), bytes.length + 1, Sha256.of(bytes))))
                .satisfies(error(ErrorCode.STORE_OBJECT_DIFFERS));
    }

    @Test
    void readsNoMoreThanTheLimit() {
        store().putIfAbsent(key("long"), ObjectBody.of(bytes(101))).orThrow();

        assertThat(store().read(key("long"), 101)).hasSize(101);
        assertThatThrownBy(() -> store().read(key("long"), 100))
                .satisfies(error(ErrorCode.STORE_ERROR));
    }

    // listing
    // --------------------------------------------------------------------------------------------------------

    @Test
    void listsInTheOrderOfTheKeysBytes() {
        List<String> names =
                List.of(
                        "a-b", "a.b", "a/b", "a/b-c", "a/b.c/d", "aB", "a_b", "ab", "a~b", "b/1",
                        "b/10", "b/2", "Z");
        names.forEach(name -> store().putIfAbsent(key(name), ObjectBody.of(bytes(3))).orThrow());

        List<ObjectInfo> listed = store().list(prefix).toList();

        assertThat(listed)
                .extracting(info -> info.key().value().substring(prefix.length()))
                .containsExactlyElementsOf(names.stream().sorted().toList());
        assertThat(listed).allMatch(info -> info.length() == 3);
    }

    @Test
    void listsOnlyWhatBeginsWithThePrefix() {
        List.of("x/1", "x1", "xy/1", "y/1")
                .forEach(name -> store().putIfAbsent(key(name), ObjectBody.of(bytes(1))).orThrow());

        assertThat(store().list(prefix + "x/"))
                .extracting(ObjectInfo::key)
                .containsExactly(key("x/1"));
        assertThat(store().list(prefix + "x"))
                .extracting(ObjectInfo::key)
                .containsExactly(key("x/1"), key("x1"), key("xy/1"));
        assertThat(store().list(prefix + "z")).isEmpty();
    }

    @Test
    void listsInPages() {
        List<ObjectKey> keys = IntStream.range(0, 7).mapToObj(i -> key("page/" + i)).toList();
        keys.forEach(key -> store().putIfAbsent(key, ObjectBody.of(bytes(1))).orThrow());

        ObjectPage first = store().list(prefix, Optional.empty(), 3);
        ObjectPage second = store().list(prefix, first.next(), 3);
        ObjectPage third = store().list(prefix, second.next(), 3);

        assertThat(first.objects())
                .extracting(ObjectInfo::key)
                .containsExactlyElementsOf(keys.subList(0, 3));
        assertThat(second.objects())
                .extracting(ObjectInfo::key)
                .containsExactlyElementsOf(keys.subList(3, 6));
        assertThat(third.objects())
                .extracting(ObjectInfo::key)
                .containsExactlyElementsOf(keys.subList(6, 7));
        assertThat(third.next()).isEmpty();
    }

    @Test
    void findsTheFirstKeyBehindAnother() {
        List.of("x/1", "x/2", "y/1")
                .forEach(name -> store().putIfAbsent(key(name), ObjectBody.of(bytes(1))).orThrow());

        assertThat(store().first(prefix, Optional.empty())).contains(key("x/1"));
        assertThat(store().first(prefix, Optional.of(key("x/1")))).contains(key("x/2"));
        assertThat(store().first(prefix, Optional.of(key("x/~")))).contains(key("y/1"));
        assertThat(store().first(prefix + "x/", Optional.of(key("x/2")))).isEmpty();
    }

    @Test
    void listsAnObjectAndNotOneThatItIsAPrefixOf() {
        List.of("there", "there-too", "gone-not")
                .forEach(name -> store().putIfAbsent(key(name), ObjectBody.of(bytes(1))).orThrow());

        assertThat(store().isListed(key("there"))).isTrue();
        assertThat(store().isListed(key("gone"))).isFalse();
    }

    // deleting
    // -------------------------------------------------------------------------------------------------------

    @Test
    void deletesAndDoesNotMindThatNothingIsThere() {
        store().putIfAbsent(key("gone"), ObjectBody.of(bytes(10))).orThrow();
        store().putIfAbsent(key("gone-not"), ObjectBody.of(bytes(10))).orThrow();

        store().delete(key("gone"));
        store().delete(key("gone"));
        store().delete(key("never-there"));

        assertThat(store().head(key("gone"))).isEmpty();
        assertThat(store().list(prefix))
                .extracting(ObjectInfo::key)
                .containsExactly(key("gone-not"));
    }

    @Test
    void storesAgainUnderADeletedKey() {
        store().putIfAbsent(key("again"), ObjectBody.of(bytes(10))).orThrow();
        store().delete(key("again"));

        assertThat(store().putIfAbsent(key("again"), ObjectBody.of(bytes(20))))
                .isInstanceOf(PutOutcome.Created.class);
    }

    // copying
    // --------------------------------------------------------------------------------------------------------

    @Test
    void copiesWithDigestAndMetadata() {
        byte[] bytes = bytes(100_000);
        FakeObjectStore source = FakeObjectStore.plain("source");
        source.putIfAbsent(
                        key("copy"),
                        ObjectBody.of(bytes),
                        PutOptions.NONE.withMetadata(Map.of("session", "1")))
                .orThrow();

        PutOutcome outcome = ObjectStores.copy(source, key("copy"), store());

        assertThat(outcome).isInstanceOf(PutOutcome.Created.class);
        assertThat(stored(key("copy"))).isEqualTo(bytes);
        assertThat(store().head(key("copy")).orElseThrow().metadata())
                .containsEntry("session", "1");
        assertThat(ObjectStores.copy(source, key("copy"), store()))
                .isInstanceOf(PutOutcome.AlreadyPresent.class);
    }

    @Test
    void copiesNothingFromADamagedSource() {
        FakeObjectStore source = FakeObjectStore.plain("source");
        source.putIfAbsent(key("damaged"), ObjectBody.of(bytes(100_000))).orThrow();
        source.damage(
                key("damaged"),
                bytes -> {
                    bytes[99_999] ^= 1;
                    return bytes;
                });

        assertThatThrownBy(() -> ObjectStores.copy(source, key("damaged"), store()))
                .satisfies(error(ErrorCode.STORE_OBJECT_DIFFERS));

        assertThat(store().head(key("damaged"))).isEmpty();
    }

    @Test
    void copiesAgainWhereTheSourceBreaksOff() {
        byte[] bytes = bytes(100_000);
        FakeObjectStore source = FakeObjectStore.plain("source");
        source.putIfAbsent(key("broken"), ObjectBody.of(bytes)).orThrow();
        source.truncateReads(1, 50_000);

        ObjectStores.copy(source, key("broken"), store()).orThrow();

        assertThat(stored(key("broken"))).isEqualTo(bytes);
    }

    /** Copies so many objects of 1 MiB from {@link #sibling}, and gives back the last outcome. */
    private Optional<PutOutcome> copyByItself(String name, int times, PutOptions options) {
        Optional<PutOutcome> last = Optional.empty();
        for (int i = 0; i < times; i++) {
            byte[] bytes = bytes(1 << 20);
            ObjectKey key = key(name + i);
            PutOptions metadata = PutOptions.NONE.withMetadata(Map.of("session", name));
            sibling().orElseThrow().putIfAbsent(key, ObjectBody.of(bytes), metadata).orThrow();
            last = store().copyIfAbsent(sibling().orElseThrow(), part(key, bytes), options);
            if (last.isEmpty()) {
                ObjectStores.copy(sibling().orElseThrow(), key, store(), options).orThrow();
            }
        }
        return last;
    }

    private static StoredObject part(ObjectKey key, byte[] bytes) {
        return new StoredObject(key, bytes.length, Sha256.of(bytes));
    }

    @Test
    void copiesByItselfWithDigestAndMetadata() {
        assumeTrue(sibling().isPresent());

        Optional<PutOutcome> outcome = copyByItself("by-itself/", 3, PutOptions.NONE);

        assertThat(outcome).get().isInstanceOf(PutOutcome.Created.class);
        for (int i = 0; i < 3; i++) {
            ObjectInfo info = store().head(key("by-itself/" + i)).orElseThrow();
            byte[] copy = stored(info.key());
            assertThat(copy).isEqualTo(sibling().orElseThrow().read(info.key(), Integer.MAX_VALUE));
            assertThat(info.sha256()).contains(Sha256.of(copy));
            assertThat(info.metadata()).containsEntry("session", "by-itself/");
        }
    }

    @Test
    void neverOverwritesByACopy() {
        assumeTrue(sibling().isPresent());
        copyByItself("proof/", 3, PutOptions.NONE);
        byte[] mine = bytes(1 << 20);
        byte[] others = bytes(1 << 20);
        store().putIfAbsent(key("taken"), ObjectBody.of(mine)).orThrow();
        sibling().orElseThrow().putIfAbsent(key("taken"), ObjectBody.of(others)).orThrow();
        ObjectStore source = sibling().orElseThrow();

        assertThat(store().copyIfAbsent(source, part(key("taken"), others), PutOptions.NONE))
                .get()
                .isInstanceOf(PutOutcome.Different.class);
        assertThat(stored(key("taken"))).isEqualTo(mine);
        assertThat(store().copyIfAbsent(source, part(key("taken"), mine), PutOptions.NONE))
                .get()
                .isInstanceOf(PutOutcome.AlreadyPresent.class);
    }

    @Test
    void doesNotCopyWhatIsNotInTheOtherBucket() {
        assumeTrue(sibling().isPresent());
        copyByItself("sure/", 3, PutOptions.NONE);

        assertThatThrownBy(() ->
                        store().copyIfAbsent(
                                        sibling().orElseThrow(),
                                        part(key("missing"), bytes(1)),
                                        PutOptions.NONE))
                .satisfies(error(ErrorCode.STORE_OBJECT_MISSING));
    }

    @Test
    void tellsThatTheSourceOfACopyHasOtherBytes() {
        assumeTrue(sibling().isPresent());
        copyByItself("damage/", 3, PutOptions.NONE);
        byte[] bytes = bytes(1 << 20);
        sibling().orElseThrow().putIfAbsent(key("rotten"), ObjectBody.of(bytes)).orThrow();
        bytes[17] ^= 1;

        assertThatThrownBy(() ->
                        store().copyIfAbsent(
                                        sibling().orElseThrow(),
                                        part(key("rotten"), bytes),
                                        PutOptions.NONE))
                .satisfies(error(ErrorCode.STORE_OBJECT_DIFFERS));
    }

    @Test
    void leavesACopyFromAnyOtherStoreToItsCaller() {
        FakeObjectStore source = FakeObjectStore.plain("elsewhere");
        byte[] bytes = bytes(1 << 20);
        source.putIfAbsent(key("far"), ObjectBody.of(bytes)).orThrow();
        assumeTrue(!(store() instanceof FakeObjectStore));

        assertThat(store().copyIfAbsent(source, part(key("far"), bytes), PutOptions.NONE))
                .isEmpty();
        ObjectStores.copy(source, key("far"), store()).orThrow();
        assertThat(stored(key("far"))).isEqualTo(bytes);
    }

    // repairing
    // ------------------------------------------------------------------------------------------------------

    @Test
    void replacesExactlyTheObjectThatWasLookedAt() {
        byte[] good = bytes(1000);
        store().putIfAbsent(key("bad"), ObjectBody.of(bytes(1000))).orThrow();
        ObjectInfo seen = store().head(key("bad")).orElseThrow();

        PutOutcome first = store().replace(seen, ObjectBody.of(good), PutOptions.NONE);
        PutOutcome second = store().replace(seen, ObjectBody.of(bytes(1000)), PutOptions.NONE);

        assertThat(first).isInstanceOf(PutOutcome.Created.class);
        assertThat(second).isInstanceOf(PutOutcome.Different.class);
        assertThat(store().replace(seen, ObjectBody.of(good), PutOptions.NONE))
                .isInstanceOf(PutOutcome.AlreadyPresent.class);
        assertThat(stored(key("bad"))).isEqualTo(good);
        assertThat(store().head(key("bad")).orElseThrow().sha256()).contains(Sha256.of(good));
    }

    @Test
    void tellsTheSameETagWhoeverAsks() throws IOException {
        store().putIfAbsent(key("tagged"), ObjectBody.of(bytes(10))).orThrow();
        Optional<String> etag = store().head(key("tagged")).orElseThrow().etag();

        assertThat(etag).isPresent();
        assertThat(store().list(prefix)).extracting(ObjectInfo::etag).containsExactly(etag);
        try (ObjectContent content = store().get(key("tagged"))) {
            assertThat(content.info().etag()).isEqualTo(etag);
        }
    }

    @Test
    void replacesNothingWhereNothingIs() {
        store().putIfAbsent(key("was"), ObjectBody.of(bytes(10))).orThrow();
        ObjectInfo seen = store().head(key("was")).orElseThrow();
        store().delete(key("was"));

        assertThatThrownBy(() -> store().replace(seen, ObjectBody.of(bytes(10)), PutOptions.NONE))
                .satisfies(error(ErrorCode.STORE_OBJECT_MISSING));
        assertThat(store().head(key("was"))).isEmpty();
    }

    // tagging
    // --------------------------------------------------------------------------------------------------------

    @Test
    void storesWithTagsWhetherItKeepsThemOrNot() {
        byte[] bytes = bytes(1000);
        Map<String, String> tags = Map.of("cairn-object", "volume", "cairn-tier", "content");

        for (int i = 0; i < 2; i++) {
            store().putIfAbsent(
                            key("tagged" + i), ObjectBody.of(bytes), PutOptions.NONE.withTags(tags))
                    .orThrow();
            assertThat(stored(key("tagged" + i))).isEqualTo(bytes);
        }

        assumeTrue(hasTags());
        assertThat(store().tags(key("tagged1"))).isEqualTo(tags);
    }

    @Test
    void changesTheTagsOfAnObject() {
        assumeTrue(hasTags());
        store().putIfAbsent(
                        key("retagged"),
                        ObjectBody.of(bytes(1)),
                        PutOptions.NONE.withTags(Map.of("a", "1", "b", "2")))
                .orThrow();

        store().tag(key("retagged"), Map.of("a", "3"));

        assertThat(store().tags(key("retagged"))).isEqualTo(Map.of("a", "3"));
        assertThatThrownBy(() -> store().tag(key("nothing"), Map.of("a", "1")))
                .satisfies(error(ErrorCode.STORE_OBJECT_MISSING));
    }

    @Test
    void saysThatItHasNoTags() {
        assumeTrue(!hasTags());
        store().putIfAbsent(key("untagged"), ObjectBody.of(bytes(1))).orThrow();

        assertThatThrownBy(() -> store().tag(key("untagged"), Map.of("a", "1")))
                .satisfies(error(ErrorCode.STORE_ERROR));
        assertThatThrownBy(() -> store().tags(key("untagged")))
                .satisfies(error(ErrorCode.STORE_ERROR));
    }

    // archiving
    // ------------------------------------------------------------------------------------------------------

    @Test
    void readsAnArchivedObjectOnlyWhileItIsThawed() {
        assumeTrue(hasArchive());
        ObjectKey key = key("archived");
        byte[] bytes = bytes(1000);
        store().putIfAbsent(
                        key,
                        ObjectBody.of(bytes),
                        PutOptions.NONE.withStorageClass(StorageClass.GLACIER.name()))
                .orThrow();

        assertThat(thaw(key)).isEqualTo(new ThawState.Archived(StorageClass.GLACIER));
        assertThatThrownBy(() -> store().get(key))
                .satisfies(error(ErrorCode.STORE_OBJECT_ARCHIVED));
        assertThatThrownBy(() -> store().get(key, 0, 10))
                .satisfies(error(ErrorCode.STORE_OBJECT_ARCHIVED));
        assertThat(store().list(prefix))
                .extracting(ObjectInfo::thaw)
                .containsExactly(new ThawState.Archived(StorageClass.GLACIER));

        store().thaw(key, RetrievalTier.EXPEDITED, 2);
        store().thaw(key, RetrievalTier.EXPEDITED, 2);
        assertThat(thaw(key)).isEqualTo(new ThawState.Thawing(StorageClass.GLACIER));
        pass(StorageClass.GLACIER.thawTime(RetrievalTier.EXPEDITED).orElseThrow());

        assertThat(thaw(key)).isInstanceOf(ThawState.Thawed.class);
        assertThat(stored(key)).isEqualTo(bytes);
        pass(Duration.ofDays(4));
        assertThat(thaw(key)).isEqualTo(new ThawState.Archived(StorageClass.GLACIER));
        assertThatThrownBy(() -> store().get(key))
                .satisfies(error(ErrorCode.STORE_OBJECT_ARCHIVED));
    }

    private ThawState thaw(ObjectKey key) {
        return store().head(key).orElseThrow().thaw();
    }

    @Test
    void thawsNothingThatCanBeRead() {
        assumeTrue(hasArchive());
        store().putIfAbsent(
                        key("warm"),
                        ObjectBody.of(bytes(1)),
                        PutOptions.NONE.withStorageClass(StorageClass.GLACIER_IR.name()))
                .orThrow();

        store().thaw(key("warm"), RetrievalTier.STANDARD, 1);

        assertThat(thaw(key("warm"))).isEqualTo(new ThawState.NotArchived());
        assertThat(stored(key("warm"))).hasSize(1);
    }

    @Test
    void refusesARetrievalThatTheClassDoesNotHave() {
        assumeTrue(hasArchive());
        store().putIfAbsent(
                        key("deep"),
                        ObjectBody.of(bytes(1)),
                        PutOptions.NONE.withStorageClass(StorageClass.DEEP_ARCHIVE.name()))
                .orThrow();

        assertThatThrownBy(() -> store().thaw(key("deep"), RetrievalTier.EXPEDITED, 1))
                .satisfies(error(ErrorCode.STORE_ERROR));
        assertThat(thaw(key("deep"))).isEqualTo(new ThawState.Archived(StorageClass.DEEP_ARCHIVE));
    }

    // locking
    // --------------------------------------------------------------------------------------------------------

    @Test
    void refusesToLockWithoutObjectLock() {
        assumeTrue(!hasObjectLock());
        store().putIfAbsent(key("unlocked"), ObjectBody.of(bytes(1))).orThrow();
        Retention retention = new Retention(ObjectLockMode.GOVERNANCE, now().plusSeconds(60));

        assertThatThrownBy(() -> store().retain(key("unlocked"), retention))
                .satisfies(error(ErrorCode.STORE_NO_OBJECT_LOCK));
        assertThatThrownBy(() -> store().hold(key("unlocked"), true))
                .satisfies(error(ErrorCode.STORE_NO_OBJECT_LOCK));
        assertThatThrownBy(() ->
                        store().putIfAbsent(
                                        key("locked"),
                                        ObjectBody.of(bytes(1)),
                                        PutOptions.NONE.withRetention(retention)))
                .satisfies(error(ErrorCode.STORE_NO_OBJECT_LOCK));
        assertThatThrownBy(() ->
                        store().putIfAbsent(
                                        key("locked"),
                                        ObjectBody.of(bytes(1)),
                                        PutOptions.NONE.withLegalHold()))
                .satisfies(error(ErrorCode.STORE_NO_OBJECT_LOCK));
        assertThat(store().head(key("locked"))).isEmpty();
    }

    @Test
    void deletesALockedObjectOnlyAfterItsRetention() {
        assumeTrue(hasObjectLock());
        for (ObjectLockMode mode : ObjectLockMode.values()) {
            ObjectKey key = key(mode.name());
            Retention retention = new Retention(mode, now().plusSeconds(3));
            store().putIfAbsent(
                            key, ObjectBody.of(bytes(1)), PutOptions.NONE.withRetention(retention))
                    .orThrow();

            assertThat(store().head(key).orElseThrow().retention()).contains(retention);
            assertThat(store().retention(key)).contains(retention);
            assertThat(store().held(key)).isFalse();
            assertThatThrownBy(() -> store().delete(key)).satisfies(error(ErrorCode.STORE_LOCKED));
            pass(Duration.ofSeconds(4));
            store().delete(key);

            assertThat(store().head(key)).isEmpty();
        }
    }

    /** As where bytes that were changed lie, locked, beneath those that replaced them. */
    @Test
    void aDeleteThatALockRefusesLeavesWhatIsRead() {
        assumeTrue(hasObjectLock());
        ObjectKey key = key("versions");
        Retention retention = new Retention(ObjectLockMode.COMPLIANCE, now().plusSeconds(3));
        store().putIfAbsent(key, ObjectBody.of(bytes(1)), PutOptions.NONE.withRetention(retention))
                .orThrow();
        byte[] newer = bytes(2);
        store().replace(store().head(key).orElseThrow(), ObjectBody.of(newer), PutOptions.NONE)
                .orThrow();

        assertThatThrownBy(() -> store().delete(key)).satisfies(error(ErrorCode.STORE_LOCKED));
        assertThat(stored(key)).isEqualTo(newer);
        pass(Duration.ofSeconds(4));
        store().delete(key);

        assertThat(store().head(key)).isEmpty();
    }

    @Test
    void extendsARetentionAndNeverShortensIt() {
        assumeTrue(hasObjectLock());
        ObjectKey key = key("extended");
        Instant until = now().plusSeconds(60);
        store().putIfAbsent(
                        key,
                        ObjectBody.of(bytes(1)),
                        PutOptions.NONE.withRetention(
                                new Retention(ObjectLockMode.GOVERNANCE, until)))
                .orThrow();
        Retention longer = new Retention(ObjectLockMode.COMPLIANCE, until.plusSeconds(60));

        store().retain(key, longer);

        assertThat(store().head(key).orElseThrow().retention()).contains(longer);
        assertThatThrownBy(
                        () -> store().retain(key, new Retention(ObjectLockMode.COMPLIANCE, until)))
                .satisfies(error(ErrorCode.STORE_LOCKED));
        assertThatThrownBy(() ->
                        store().retain(
                                        key,
                                        new Retention(ObjectLockMode.GOVERNANCE, longer.until())))
                .satisfies(error(ErrorCode.STORE_LOCKED));
    }

    @Test
    void deletesAHeldObjectOnlyAfterItsRelease() {
        assumeTrue(hasObjectLock());
        ObjectKey key = key("held");
        store().putIfAbsent(key, ObjectBody.of(bytes(1))).orThrow();

        store().hold(key, true);

        assertThat(store().head(key).orElseThrow().legalHold()).isTrue();
        assertThat(store().held(key)).isTrue();
        assertThat(store().retention(key)).isEmpty();
        assertThatThrownBy(() -> store().held(key("nowhere")))
                .satisfies(error(ErrorCode.STORE_OBJECT_MISSING));
        assertThatThrownBy(() -> store().retention(key("nowhere")))
                .satisfies(error(ErrorCode.STORE_OBJECT_MISSING));
        assertThatThrownBy(() -> store().delete(key)).satisfies(error(ErrorCode.STORE_LOCKED));
        store().hold(key, false);
        store().delete(key);
        assertThat(store().head(key)).isEmpty();
    }

    @Test
    void holdsFromTheFirstByte() {
        assumeTrue(hasObjectLock());
        ObjectKey key = key("held-at-once");
        PutOptions held = PutOptions.NONE.withLegalHold();

        store().putIfAbsent(key, ObjectBody.of(bytes(1)), held).orThrow();
        store().hold(key, false);
        store().replace(store().head(key).orElseThrow(), ObjectBody.of(bytes(2)), held).orThrow();

        assertThat(store().held(key)).isTrue();
        assertThatThrownBy(() -> store().delete(key)).satisfies(error(ErrorCode.STORE_LOCKED));
        store().hold(key, false);
        store().delete(key);
    }

    // probing
    // --------------------------------------------------------------------------------------------------------

    @Test
    void isUsableAndLeavesNothingOfTheProbeBehind() {
        StoreProbe.Report report = StoreProbe.run(store(), random, this::pass);

        assertThat(report.usable()).as(report.toString()).isTrue();
        assertThat(report.works(StoreCapability.DELETE)).as(report.toString()).isTrue();
        assertThat(report.works(StoreCapability.CHECKSUMS))
                .as(report.toString())
                .isEqualTo(verifiesDigests());
        assertThat(report.works(StoreCapability.OBJECT_LOCK))
                .as(report.toString())
                .isEqualTo(hasObjectLock());
        assertThat(report.works(StoreCapability.TAGS)).as(report.toString()).isEqualTo(hasTags());
        assertThat(store().list(StoreProbe.PREFIX)).isEmpty();
    }

    @Test
    void findsOutWhetherItCopiesByItself() {
        ObjectStore source = sibling().orElseGet(() -> FakeObjectStore.plain("elsewhere"));

        StoreProbe.Finding finding = StoreProbe.copies(source, store(), random);

        assertThat(finding instanceof StoreProbe.Finding.Works)
                .as(finding.toString())
                .isEqualTo(sibling().isPresent());
        assertThat(store().list(StoreProbe.PREFIX)).isEmpty();
        assertThat(source.list(StoreProbe.PREFIX)).isEmpty();
    }

    @Test
    void findsOutWhetherItHasAStorageClass() {
        assumeTrue(hasArchive());

        assertThat(StoreProbe.storageClass(store(), random, StorageClass.GLACIER))
                .isInstanceOf(StoreProbe.Finding.Works.class);
        assertThat(store().list(StoreProbe.PREFIX)).isEmpty();
    }

    /** For {@code satisfies}: a Cairn exception of this code, with a hint. */
    protected static ThrowingConsumer<Throwable> error(ErrorCode code) {
        return thrown -> {
            assertThat(thrown).isInstanceOf(CairnException.class);
            CairnException error = (CairnException) thrown;
            assertThat(error.code()).as(error.messageWithHint()).isEqualTo(code);
            assertThat(error.hint()).isPresent();
        };
    }
}

package io.cairn.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VolumePipelineTest {

    private static final int BLOCK = 4096;
    private static final int VOLUME = 20_000;

    private final BackupKey key = BackupKey.random(new SecureRandom());
    private final MemoryStore store = new MemoryStore();

    private static ArchiveSettings small(GzipCodec codec) {
        return new ArchiveSettings(6, VOLUME, BLOCK, 2, 2, codec);
    }

    private static ArchiveSettings small() {
        return small(GzipCodec.best());
    }

    private VolumePipeline pipeline(VolumeSink sink) {
        return new VolumePipeline(small(), key, Samples.NAMES, sink);
    }

    /**
     * Around nothing, around blocks, and around volumes: random bytes fill one with about five
     * blocks.
     */
    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.oneOf(
                Arbitraries.of(
                        0,
                        1,
                        BLOCK - 1,
                        BLOCK,
                        BLOCK + 1,
                        2 * BLOCK,
                        4 * BLOCK,
                        4 * BLOCK + 1,
                        5 * BLOCK,
                        10 * BLOCK),
                Arbitraries.integers().between(VOLUME - 400, VOLUME + 400),
                Arbitraries.integers().between(0, 300_000));
    }

    @Provide
    Arbitrary<GzipCodec> codecs() {
        return Arbitraries.of(GzipCodec.best(), GzipCodec.zlib());
    }

    @Property(tries = 150)
    void whatIsReadIsWhatWasWritten(
            @ForAll("sizes") int size,
            @ForAll("sizes") int secondSize,
            @ForAll @IntRange(min = 1, max = 60_000) int chunk,
            @ForAll boolean dense,
            @ForAll("codecs") GzipCodec writer,
            @ForAll("codecs") GzipCodec reader,
            @ForAll long seed)
            throws IOException {
        byte[] first = content(dense, seed, size);
        byte[] second = content(!dense, seed, secondSize);
        MemoryStore volumes = new MemoryStore();

        List<Archive> archives;
        try (VolumePipeline pipeline =
                new VolumePipeline(small(writer), key, Samples.NAMES, volumes)) {
            pipeline.begin("16385.tar", Optional.of(new Archive.Tablespace(16385, "/srv/ts")));
            writeInChunks(pipeline, first, chunk);
            pipeline.begin("base.tar", Optional.empty());
            writeInChunks(pipeline, second, chunk);
            archives = pipeline.finish();
        }

        assertThat(archives).extracting(Archive::name).containsExactly("16385.tar", "base.tar");
        assertThat(archives.getFirst().tablespace())
                .contains(new Archive.Tablespace(16385, "/srv/ts"));
        assertThat(read(reader, archives.get(0), volumes)).isEqualTo(first);
        assertThat(read(reader, archives.get(1), volumes)).isEqualTo(second);
        assertThat(volumes.objects.keySet())
                .containsExactlyElementsOf(
                        archives.stream()
                                .flatMap(archive -> archive.volumes().stream())
                                .map(volume -> volume.object().key().value())
                                .toList());
        assertThat(volumes.objects.values())
                .allSatisfy(bytes -> assertThat(bytes.length).isLessThanOrEqualTo(VOLUME));
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 8, 9})
    void everyLevelWritesTheSameFormat(int level) throws IOException {
        byte[] content = SampleData.cluster(new Random(level), 3 << 20);
        ArchiveSettings settings =
                ArchiveSettings.defaults()
                        .withGzipLevel(level)
                        .withVolumeBytes(1_100_000)
                        .withCompressors(3);

        try (VolumePipeline pipeline = new VolumePipeline(settings, key, Samples.NAMES, store)) {
            pipeline.begin("base.tar", Optional.empty());
            writeInChunks(pipeline, content, 32 << 10);
            Archive archive = pipeline.finish().getFirst();

            assertThat(read(GzipCodec.zlib(), archive, store)).isEqualTo(content);
        }
    }

    @Test
    void theDigestIsThatOfTheStoredBytes() {
        Archive archive = writeOne(store, SampleData.random(new Random(1), 100_000));

        assertThat(archive.volumes()).hasSizeGreaterThan(4);
        assertThat(archive.volumes())
                .allSatisfy(volume -> {
                    assertThat(volume.object().sha256())
                            .isEqualTo(Sha256.of(store.bytes(volume.object())));
                    assertThat(volume.object().length())
                            .isEqualTo(store.bytes(volume.object()).length);
                });
    }

    @Test
    void volumesAreFilledAsFarAsMembersGo() {
        Archive archive = writeOne(store, SampleData.random(new Random(1), 100_000));

        // What is missing has no room for one more member of a block.
        List<Volume> allButLast = archive.volumes().subList(0, archive.volumes().size() - 1);
        assertThat(allButLast)
                .allSatisfy(volume ->
                        assertThat(volume.object().length()).isGreaterThan(VOLUME - BLOCK - 300));
    }

    @Test
    @Timeout(60)
    void aFailureOfTheSinkStopsTheWritingThreadWhicheverCallItIs() {
        byte[] content = SampleData.random(new Random(1), 400_000);
        for (int failing = 1; failing <= 20; failing++) {
            CairnException failure =
                    new CairnException(ErrorCode.STORE_UNAVAILABLE, "call " + failing, "wait");
            AtomicInteger calls = new AtomicInteger();
            MemoryStore volumes = new MemoryStore();
            int failAt = failing;
            VolumeSink sink =
                    object -> {
                        if (calls.incrementAndGet() == failAt) {
                            throw failure;
                        }
                        return volumes.store(object);
                    };

            assertThatThrownBy(() -> writeOne(sink, content)).isSameAs(failure);
        }
    }

    @Test
    @Timeout(60)
    void afterAFailureTheSourceIsNotReadToItsEnd() {
        IllegalStateException failure = new IllegalStateException("disk full");
        AtomicLong written = new AtomicLong();
        byte[] content = SampleData.random(new Random(1), 10_000);

        try (VolumePipeline pipeline =
                pipeline(object -> {
                    throw failure;
                })) {
            pipeline.begin("base.tar", Optional.empty());
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    pipeline.write(content, 0, content.length);
                                    written.addAndGet(content.length);
                                }
                            })
                    .isSameAs(failure);
            assertThatThrownBy(pipeline::finish).isSameAs(failure);
        }

        long inMemory = small().memoryBytes();
        assertThat(written.get()).isLessThan(2 * inMemory);
    }

    @Test
    void anErrorInTheSinkIsThrownAsItIs() {
        AssertionError error = new AssertionError("in the sink");

        assertThatThrownBy(() ->
                        writeOne(
                                object -> {
                                    throw error;
                                },
                                new byte[100_000]))
                .isSameAs(error);
    }

    @Test
    void aSinkThatSaysItStoredSomethingElseIsNotBelieved() {
        VolumeSink lying =
                object -> new StoredObject(object.key(), object.length(), Sha256.of(new byte[0]));

        assertThatThrownBy(() -> writeOne(lying, new byte[10]))
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_OBJECT_DIFFERS));
    }

    /**
     * A store that is not only a hundred times slower, but stands still: everything that may fill
     * up has filled up.
     */
    @Test
    @Timeout(60)
    void aStoreThatStandsStillHoldsUpTheSourceWithinTheMemoryBound() throws Exception {
        Semaphore mayStore = new Semaphore(0);
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger mostAtOnce = new AtomicInteger();
        AtomicLong written = new AtomicLong();
        byte[] content = SampleData.random(new Random(1), 2_000_000);
        VolumeSink sink =
                object -> {
                    mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    mayStore.acquireUninterruptibly();
                    atOnce.decrementAndGet();
                    return store.store(object);
                };
        ArchiveSettings settings = small();

        try (VolumePipeline pipeline = new VolumePipeline(settings, key, Samples.NAMES, sink)) {
            CompletableFuture<Archive> done =
                    CompletableFuture.supplyAsync(() -> {
                        pipeline.begin("base.tar", Optional.empty());
                        for (int at = 0; at < content.length; at += 1000) {
                            pipeline.write(content, at, 1000);
                            written.addAndGet(1000);
                        }
                        return pipeline.finish().getFirst();
                    });
            await().untilAsserted(() -> {
                assertThat(pipeline.volumesMade()).isEqualTo(settings.volumesInFlight() + 1);
                assertThat(pipeline.blocksMade()).isEqualTo(2 * settings.compressors() + 2);
                assertThat(mostAtOnce).hasValue(settings.volumesInFlight());
            });
            awaitStandstill(written);
            assertThat(written.get()).isLessThan(settings.memoryBytes()).isLessThan(content.length);

            // One volume leaves, and about one volume's worth goes on.
            long before = written.get();
            mayStore.release();
            await().untilAsserted(() -> assertThat(written.get()).isGreaterThan(before));
            awaitStandstill(written);
            assertThat(written.get() - before).isLessThan(2L * VOLUME);

            mayStore.release(1_000_000);
            assertThat(read(GzipCodec.best(), done.get(30, TimeUnit.SECONDS), store))
                    .isEqualTo(content);
            assertThat(pipeline.volumesMade()).isEqualTo(settings.volumesInFlight() + 1);
            assertThat(pipeline.blocksMade()).isEqualTo(2 * settings.compressors() + 2);
            assertThat(mostAtOnce).hasValue(settings.volumesInFlight());
        }
    }

    private static void awaitStandstill(AtomicLong counter) {
        await().during(Duration.ofMillis(300))
                .atMost(Duration.ofSeconds(20))
                .until(
                        new java.util.concurrent.Callable<>() {
                            private long last = -1;

                            @Override
                            public Boolean call() {
                                long now = counter.get();
                                boolean same = now == last;
                                last = now;
                                return same;
                            }
                        });
    }

    @Test
    @Timeout(60)
    void closingWithoutFinishingInterruptsUploadsAndPublishesNoArchive() throws Exception {
        CountDownLatch inSink = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        VolumePipeline pipeline =
                pipeline(object -> {
                    inSink.countDown();
                    try {
                        new CountDownLatch(1).await();
                        throw new AssertionError("nobody counts down");
                    } catch (InterruptedException e) {
                        interrupted.set(true);
                        throw new IllegalStateException(e);
                    }
                });
        pipeline.begin("base.tar", Optional.empty());
        pipeline.write(SampleData.random(new Random(1), 60_000), 0, 60_000);
        inSink.await();

        pipeline.close();

        assertThat(interrupted).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> pipeline.write(new byte[1], 0, 1));
        assertThatIllegalStateException().isThrownBy(pipeline::finish);
    }

    @Test
    void closingAnUnusedPipelineAndClosingTwiceIsFine() {
        VolumePipeline pipeline = pipeline(store);
        pipeline.close();
        pipeline.close();

        assertThat(store.objects).isEmpty();
    }

    @Test
    @Timeout(60)
    void whoIsInterruptedWhileTheStoreIsSlowGetsAwayAtOnce() throws Exception {
        CountDownLatch inSink = new CountDownLatch(1);
        VolumeSink stuck =
                object -> {
                    inSink.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return object.stored();
                };
        CompletableFuture<Boolean> interruptKept = new CompletableFuture<>();
        Thread writing =
                Thread.ofVirtual()
                        .start(() -> {
                            try (VolumePipeline pipeline = pipeline(stuck)) {
                                pipeline.begin("base.tar", Optional.empty());
                                pipeline.write(
                                        SampleData.random(new Random(1), 2_000_000), 0, 2_000_000);
                                interruptKept.completeExceptionally(
                                        new AssertionError(
                                                "nothing was stored, yet all was taken"));
                            } catch (CairnException e) {
                                assertThat(e.code()).isEqualTo(ErrorCode.RUN_DRAINED);
                                interruptKept.complete(Thread.currentThread().isInterrupted());
                            }
                        });
        inSink.await();
        writing.interrupt();

        assertThat(interruptKept.get(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @Timeout(60)
    void finishWaitsForTheLastVolume() throws Exception {
        CountDownLatch mayStore = new CountDownLatch(1);
        VolumeSink slow =
                object -> {
                    try {
                        mayStore.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return store.store(object);
                };
        CompletableFuture<Archive> done =
                CompletableFuture.supplyAsync(() -> writeOne(slow, new byte[10]));

        await().during(Duration.ofMillis(200)).until(() -> !done.isDone());
        mayStore.countDown();

        assertThat(done.get(30, TimeUnit.SECONDS).volumes()).hasSize(1);
    }

    @Test
    @Timeout(60)
    void aFailureWhileFinishingIsThrownByFinish() {
        assertThatThrownBy(() ->
                        CompletableFuture.supplyAsync(() ->
                                        writeOne(
                                                object -> {
                                                    throw new UncheckedIOException(
                                                            new IOException("late"));
                                                },
                                                new byte[10]))
                                .get())
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("late");
    }

    private Archive writeOne(VolumeSink sink, byte[] content) {
        try (VolumePipeline pipeline = pipeline(sink)) {
            pipeline.begin("base.tar", Optional.empty());
            writeInChunks(pipeline, content, 7000);
            return pipeline.finish().getFirst();
        }
    }

    private static void writeInChunks(VolumePipeline pipeline, byte[] content, int chunk) {
        for (int at = 0; at < content.length; at += chunk) {
            pipeline.write(content, at, Math.min(chunk, content.length - at));
        }
    }

    private byte[] read(GzipCodec codec, Archive archive, MemoryStore volumes) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        try (VolumeDecoder decoder = new VolumeDecoder(codec, key)) {
            for (Volume volume : archive.volumes()) {
                decoder.decode(volumes.open(volume.object()), volume, content::write);
            }
        }
        return content.toByteArray();
    }

    private static byte[] content(boolean dense, long seed, int size) {
        return dense
                ? SampleData.random(new Random(seed), size)
                : SampleData.cluster(new Random(seed), size);
    }
}

package io.cairn.archive;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.Volume;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Measures the archive path alone, in memory: {@code ArchiveBench [MiB] [level] [threads]
 * [libdeflate|zlib] [rounds]}.
 */
public final class ArchiveBench {

    private static final int SOURCE_BYTES = 64 << 20;

    private ArchiveBench() {}

    public static void main(String[] args) throws Exception {
        int mebibytes = argument(args, 0, 1024);
        int level = argument(args, 1, 6);
        int threads = argument(args, 2, 2);
        GzipCodec codec =
                args.length > 3 && args[3].equals("zlib") ? GzipCodec.zlib() : GzipCodec.best();
        int rounds = argument(args, 4, 3);
        ArchiveSettings settings =
                ArchiveSettings.defaults()
                        .withGzipLevel(level)
                        .withCompressors(threads)
                        .withCodec(codec);
        byte[] source = SampleData.cluster(new Random(7), SOURCE_BYTES);
        System.out.printf(
                "%s, level %d, %d threads, memory %d MiB%n",
                codec.name(), level, threads, settings.memoryBytes() >> 20);
        for (int round = 0; round < rounds; round++) {
            Map<String, byte[]> store = new ConcurrentHashMap<>();
            BackupKey key = BackupKey.random(new SecureRandom());
            Archive archive = write(settings, key, source, mebibytes, store);
            read(codec, key, archive, store, threads);
        }
    }

    private static Archive write(
            ArchiveSettings settings,
            BackupKey key,
            byte[] source,
            int mebibytes,
            Map<String, byte[]> store) {
        BackupLayout layout =
                new BackupLayout(
                        new ClusterRoot(
                                new ClusterName("bench"),
                                SystemIdentifier.parse("7000000000000000001")),
                        new BackupLabel("20261122T020000Z-F"));
        long cpu = processCpu();
        long start = System.nanoTime();
        List<Archive> archives;
        try (ArchiveWriter writer =
                ArchiveWriter.open(
                        settings,
                        layout,
                        new AttemptId("0123456789abcdef"),
                        key,
                        object -> {
                            byte[] bytes = new byte[object.length()];
                            object.content().get(bytes);
                            store.put(object.key().value(), bytes);
                            return object.stored();
                        })) {
            writer.begin(Archive.BASE, Optional.empty());
            byte[] header =
                    PostgresTar.header("base/1/2619", '0', (long) mebibytes << 20, 0600, "");
            writer.write(header, 0, header.length);
            long left = (long) mebibytes << 20;
            int at = 0;
            while (left > 0) {
                // The average message of PostgreSQL's stream.
                int piece = (int) Math.min(Math.min(32 << 10, left), SOURCE_BYTES - at);
                writer.write(source, at, piece);
                at = (at + piece) % SOURCE_BYTES;
                left -= piece;
            }
            writer.write(new byte[1024], 0, 1024);
            archives = writer.finish();
        }
        report("write", mebibytes, start, cpu, store);
        return archives.getFirst();
    }

    private static void read(
            GzipCodec codec, BackupKey key, Archive archive, Map<String, byte[]> store, int threads)
            throws Exception {
        long cpu = processCpu();
        long start = System.nanoTime();
        AtomicInteger next = new AtomicInteger();
        try (var executor = Executors.newFixedThreadPool(threads)) {
            List<Future<Void>> all =
                    java.util.stream.IntStream.range(0, threads)
                            .mapToObj(i ->
                                    executor.submit(() -> {
                                        try (VolumeDecoder decoder =
                                                new VolumeDecoder(codec, key)) {
                                            for (int n = next.getAndIncrement();
                                                    n < archive.volumes().size();
                                                    n = next.getAndIncrement()) {
                                                Volume volume = archive.volumes().get(n);
                                                byte[] bytes =
                                                        store.get(volume.object().key().value());
                                                decoder.decode(
                                                        new ByteArrayInputStream(bytes),
                                                        volume,
                                                        (chunk, offset, length) -> {});
                                            }
                                        }
                                        return (Void) null;
                                    }))
                            .toList();
            for (Future<Void> one : all) {
                one.get();
            }
        }
        report("read ", (int) (archive.bytes() >> 20), start, cpu, store);
    }

    private static void report(
            String what, int mebibytes, long start, long cpu, Map<String, byte[]> store) {
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (processCpu() - cpu) / 1e9;
        double megabytes = mebibytes * 1.048576;
        long stored = store.values().stream().mapToLong(bytes -> bytes.length).sum();
        System.out.printf(
                "%s %6.0f MB/s  %5.1f s  CPU %5.1f s  %5.0f MB/cpu-s  ratio %.2f%n",
                what,
                megabytes / seconds,
                seconds,
                cpuSeconds,
                megabytes / cpuSeconds,
                megabytes * 1e6 / stored);
    }

    private static long processCpu() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static int argument(String[] args, int index, int fallback) {
        return args.length > index ? Integer.parseInt(args[index]) : fallback;
    }
}

package io.cairn.archive.cms;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.archive.ObjectEncoder;
import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.BackupKey;
import io.cairn.model.ObjectKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * GCM is lost when a key meets a nonce twice. Cairn counts nothing and keeps nothing across
 * restarts: a backup's key, each object's content key and its nonce come from the operating
 * system's random numbers, new for each.
 */
class FreshKeysTest {

    private static final int OBJECTS = 10_000;

    /** Backups and stream sessions among which the objects are shared out. */
    private static final int SESSIONS = 50;

    private static final int PROCESSES = 3;
    private static final int OBJECTS_OF_A_PROCESS = 20;

    @Test
    void noKeyAndNoNonceComesTwiceInManySessions() {
        List<String> material = new ArrayList<>();
        for (int session = 0; session < SESSIONS; session++) {
            material.addAll(session(OBJECTS / SESSIONS));
        }

        assertThat(material).hasSize(SESSIONS + 2 * OBJECTS).doesNotHaveDuplicates();
    }

    @Test
    void noKeyAndNoNonceComesTwiceAfterARestart() throws Exception {
        List<Process> processes = new ArrayList<>();
        List<String> material = new ArrayList<>();
        try {
            for (int i = 0; i < PROCESSES; i++) {
                processes.add(start());
            }
            for (Process process : processes) {
                String text =
                        new String(
                                process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                assertThat(process.waitFor()).as(text).isZero();
                material.addAll(text.lines().toList());
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }

        assertThat(material)
                .hasSize(PROCESSES * (1 + 2 * OBJECTS_OF_A_PROCESS))
                .allMatch(line -> line.matches("[0-9a-f]{24,64}"));
        Set<String> distinct = new HashSet<>(material);
        assertThat(distinct).hasSameSizeAs(material);
    }

    private static Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Session.class.getName())
                .redirectErrorStream(true)
                .start();
    }

    /** What a restarted executor does first, as a process of its own. */
    static final class Session {

        private Session() {}

        public static void main(String[] arguments) {
            session(OBJECTS_OF_A_PROCESS).forEach(System.out::println);
        }
    }

    /** A new key, and the content keys and nonces of objects that are sealed under it. */
    private static List<String> session(int objects) {
        BackupKey key = BackupKey.random(new SecureRandom());
        ObjectEncoder encoder = new ObjectEncoder(GzipCodec.zlib(), 6, key);
        List<String> material =
                IntStream.range(0, objects)
                        .mapToObj(_ -> encoder.encode(new ObjectKey("a/b"), new byte[1]).content())
                        .flatMap(object -> material(key, object).stream())
                        .collect(Collectors.toCollection(ArrayList::new));
        material.add(key.id());
        return material;
    }

    private static List<String> material(BackupKey key, ByteBuffer object) {
        byte[] bytes = new byte[object.remaining()];
        object.get(bytes);
        CmsHeader header = CmsReader.layout(bytes, 0, bytes.length).orElseThrow().header();
        try {
            HexFormat hex = HexFormat.of();
            return List.of(
                    hex.formatHex(key.unwrap(header.wrappedKey()).getEncoded()),
                    hex.formatHex(header.nonce()));
        } catch (InvalidKeyException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}

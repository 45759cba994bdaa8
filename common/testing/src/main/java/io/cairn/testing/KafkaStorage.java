package io.cairn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * An empty log directory as Kafka's own tool formats it, kept beside the servers of the build, from
 * which others are copied: the tool takes as long as the broker takes to start. Only two
 * identifiers tell one formatted directory from another.
 */
final class KafkaStorage {

    /** Kafka's name: what the directory belongs to. */
    static final String IDENTITY = "meta.properties";

    private static final List<String> IDENTIFIERS = List.of("cluster.id=", "directory.id=");

    private final Path template;

    private KafkaStorage(Path template) {
        this.template = template;
    }

    /** Of the release that the build lays out. */
    static KafkaStorage ofTheBuild() {
        return new KafkaStorage(JavaServer.KAFKA.made("formatted"));
    }

    /** Formats an empty directory, by the tool where it is the first. */
    void format(Path directory, Runnable tool) {
        try {
            if (Files.isDirectory(template)) {
                copy(template, directory);
                giveIdentifiers(directory.resolve(IDENTITY));
            } else {
                tool.run();
                keep(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A template is always whole: it is copied under another name and renamed. */
    private void keep(Path formatted) throws IOException {
        Path folder = template.getParent();
        if (!StartupArchive.isWritable(folder)) {
            return;
        }
        Path unfinished = folder.resolve(".formatted-" + newIdentifier());
        copy(formatted, unfinished);
        try {
            Files.move(unfinished, template, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // Somebody was faster; what is left over goes with the build's folder.
            if (!Files.isDirectory(template)) {
                throw e;
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }

    private static void giveIdentifiers(Path identity) throws IOException {
        List<String> lines =
                Files.readAllLines(identity).stream().map(KafkaStorage::withNewIdentifier).toList();
        Files.write(identity, lines);
    }

    private static String withNewIdentifier(String line) {
        return IDENTIFIERS.stream()
                .filter(line::startsWith)
                .map(name -> name + newIdentifier())
                .findFirst()
                .orElse(line);
    }

    /** Kafka writes its UUIDs in URL-safe Base64 and refuses one that begins with a dash. */
    static String newIdentifier() {
        UUID id = UUID.randomUUID();
        byte[] bytes =
                ByteBuffer.allocate(16)
                        .putLong(id.getMostSignificantBits() & Long.MAX_VALUE)
                        .putLong(id.getLeastSignificantBits())
                        .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}

package io.cairn.replication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands the JVM's one {@link ReplicationPlatform} to tests, and ends it after the last. */
final class PlatformExtension implements ParameterResolver, AfterEachCallback {

    private record Running(ReplicationPlatform platform, Path directory) implements AutoCloseable {

        static Running start() {
            try {
                Path directory = Files.createTempDirectory("cairn-replication-it-");
                return new Running(ReplicationPlatform.start(directory), directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Exception e) {
                throw new IllegalStateException("the platform does not start", e);
            }
        }

        @Override
        public void close() throws IOException {
            platform.close();
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ReplicationPlatform.class;
    }

    @Override
    public ReplicationPlatform resolveParameter(
            ParameterContext parameter, ExtensionContext context) {
        return platform(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        platform(context).heal();
    }

    private static ReplicationPlatform platform(ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(PlatformExtension.class))
                .computeIfAbsent(Running.class, _ -> Running.start(), Running.class)
                .platform();
    }
}

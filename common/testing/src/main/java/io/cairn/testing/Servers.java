package io.cairn.testing;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the third-party servers are laid out: {@code kafka/}, {@code s3proxy/}, {@code postgres/}.
 */
final class Servers {

    /** System property that names the folder. */
    static final String PROPERTY = "cairn.servers";

    private Servers() {}

    static Path folder() {
        String folder = System.getProperty(PROPERTY);
        if (folder == null) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "the system property " + PROPERTY + " is not set",
                    "name the folder that the build lays the servers out in, deploy/servers/target");
        }
        return Path.of(folder);
    }

    static List<Path> jars(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> jars =
                    files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
            if (jars.isEmpty()) {
                throw missing(folder, null);
            }
            return jars;
        } catch (IOException e) {
            throw missing(folder, e);
        }
    }

    private static CairnException missing(Path folder, @Nullable IOException cause) {
        return new CairnException(
                ErrorCode.CONFIG_INVALID,
                "there are no jars in " + folder,
                "build the module deploy/servers first",
                cause);
    }
}

package io.cairn.model.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's files, as a reader of its documents finds them. */
final class Project {

    static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|(?m)^\\s*//.*$");

    private Project() {}

    static List<Path> mainSources() throws IOException {
        return javaFilesBelow("src/main/java");
    }

    static List<Path> testSources() throws IOException {
        return javaFilesBelow("src/test/java");
    }

    private static List<Path> javaFilesBelow(String folder) throws IOException {
        try (Stream<Path> modules = Files.walk(ROOT, 3)) {
            return modules.map(module -> module.resolve(folder))
                    .filter(Files::isDirectory)
                    .flatMap(Project::javaFiles)
                    .sorted()
                    .toList();
        }
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String withoutComments(String source) {
        return COMMENT.matcher(source).replaceAll("");
    }
}

package io.cairn.model.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code docs/failure-modes.md} names exists: codes, tests, metrics, settings. */
class FailureModesTest {

    private static final Pattern CODE_ROW =
            Pattern.compile("(?m)^\\| `([A-Z_]+)` \\| `([A-Z]+)` \\| [^|]+ \\|$");
    private static final Pattern UPPER_CASE = Pattern.compile("\\b[A-Z]+(?:_[A-Z]+)+\\b");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+)\\.(\\w+)`");
    private static final Pattern METRIC = Pattern.compile("`(cairn_[a-z_]+)");
    private static final Pattern SETTING = Pattern.compile("`(cairn\\.[a-z]+\\.[a-z.-]+)`");

    /** {@code STORE}, {@code POSTGRES} …: what an error code begins with. */
    private static final Set<String> AREAS =
            codes().stream()
                    .map(code -> code.substring(0, Math.max(code.indexOf('_'), 0)))
                    .collect(Collectors.toSet());

    private static Set<String> codes() {
        return Arrays.stream(ErrorCode.values()).map(Enum::name).collect(Collectors.toSet());
    }

    private static String page() throws IOException {
        return Files.readString(Project.ROOT.resolve("docs/failure-modes.md"));
    }

    @Test
    void everyErrorCodeIsDocumentedWithItsCategory() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        CODE_ROW.matcher(page())
                .results()
                .forEach(row -> documented.put(row.group(1), row.group(2)));

        assertThat(documented)
                .containsExactlyInAnyOrderEntriesOf(
                        Arrays.stream(ErrorCode.values())
                                .collect(
                                        Collectors.toMap(
                                                Enum::name, code -> code.category().name())));
    }

    @Test
    void everyErrorCodeThatADocumentNamesExists() throws IOException {
        // Of the example of a configuration.
        Set<String> variables = Set.of("ARCHIVE_ACCESS_KEY_ID");
        Set<String> named = new TreeSet<>();
        for (Path document : documents()) {
            UPPER_CASE
                    .matcher(Files.readString(document))
                    .results()
                    .map(word -> word.group())
                    .filter(word -> AREAS.contains(word.substring(0, word.indexOf('_'))))
                    .filter(word -> !variables.contains(word))
                    .forEach(named::add);
        }

        assertThat(named).isNotEmpty().isSubsetOf(codes());
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(Project.ROOT.resolve("docs"))) {
            List<Path> documents =
                    files.filter(file -> file.toString().matches(".*\\.(md|yaml)")).toList();
            return Stream.concat(documents.stream(), Stream.of(Project.ROOT.resolve("README.md")))
                    .toList();
        }
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Map<String, List<Path>> tests =
                Stream.concat(Project.testSources().stream(), Project.mainSources().stream())
                        .collect(
                                Collectors.groupingBy(file ->
                                        file.getFileName().toString().replace(".java", "")));
        Set<String> missing = new TreeSet<>();
        for (var named : TEST.matcher(page()).results().toList()) {
            boolean found = false;
            for (Path file : tests.getOrDefault(named.group(1), List.of())) {
                found |= Files.readString(file).contains("void " + named.group(2) + "(");
            }
            if (!found) {
                missing.add(named.group(1) + "." + named.group(2));
            }
        }

        assertThat(TEST.matcher(page()).results()).hasSizeGreaterThan(100);
        assertThat(missing).isEmpty();
    }

    @Test
    void everyMetricThatIsNamedIsMeasured() throws IOException {
        StringBuilder sources = new StringBuilder();
        for (Path file : Project.mainSources()) {
            sources.append(Files.readString(file));
        }

        assertThat(METRIC.matcher(page()).results().map(metric -> metric.group(1)).distinct())
                .hasSizeGreaterThan(5)
                .allSatisfy(metric -> assertThat(sources).contains("\"" + metric + "\""));
    }

    @Test
    void everySettingThatIsNamedIsInTheReference() throws IOException {
        String reference = Files.readString(Project.ROOT.resolve("docs/configuration.md"));

        assertThat(SETTING.matcher(page()).results().map(setting -> setting.group(1)).distinct())
                .isNotEmpty()
                .allSatisfy(setting -> assertThat(reference).contains("| `" + setting + "` |"));
    }
}

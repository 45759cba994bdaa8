package io.cairn.model.documents;

import static org.assertj.core.api.Assertions.assertThat;

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

/** The modules depend on what the table in {@code docs/architecture.md} lets them depend on. */
class ModulesTest {

    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([a-z*/-]+)` \\| [^|]+ \\| ([^|]+) \\|$");
    private static final Pattern DEPENDENCY = Pattern.compile("(?s)<dependency>(.*?)</dependency>");
    private static final Pattern OURS =
            Pattern.compile("<groupId>io\\.cairn</groupId>\\s*<artifactId>(?:cairn-)?([a-z-]+)<");
    private static final Pattern NAME = Pattern.compile(".*/|-service$");

    @Test
    void everyModuleDependsOnlyOnWhatItsRowNamesAndWhatThatNames() throws IOException {
        Map<String, Set<String>> allowed = allowed();
        Map<String, Set<String>> actual = actual();

        assertThat(allowed.keySet()).isEqualTo(actual.keySet());
        actual.forEach((module, dependencies) ->
                assertThat(dependencies).as(module).isSubsetOf(reachable(module, allowed)));
    }

    private static Map<String, Set<String>> allowed() throws IOException {
        String page = Files.readString(Project.ROOT.resolve("docs/architecture.md"));
        Map<String, Set<String>> rows = new TreeMap<>();
        Set<String> common = new TreeSet<>();
        ROW.matcher(page)
                .results()
                .filter(row -> row.group(1).startsWith("common/"))
                .forEach(row -> common.add(name(row.group(1))));
        common.remove("testing");
        ROW.matcher(page)
                .results()
                .forEach(row -> {
                    Set<String> cell = cell(row.group(2), common);
                    if (row.group(1).equals("*-service")) {
                        services().forEach(service -> rows.put(service, cell));
                    } else {
                        rows.put(name(row.group(1)), cell);
                    }
                });
        return rows;
    }

    private static Set<String> cell(String text, Set<String> common) {
        if (text.equals("–")) {
            return Set.of();
        }
        return text.startsWith("common,")
                ? common
                : Arrays.stream(text.split(", ")).collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> services() {
        return List.of("scheduler", "executor", "catalog", "validator", "replication");
    }

    private static String name(String module) {
        return NAME.matcher(module).replaceAll("");
    }

    private static Map<String, Set<String>> actual() throws IOException {
        Map<String, Set<String>> modules = new TreeMap<>();
        for (Path pom : poms()) {
            Set<String> dependencies = new TreeSet<>();
            DEPENDENCY
                    .matcher(Files.readString(pom))
                    .results()
                    .map(dependency -> dependency.group(1))
                    .filter(dependency -> !dependency.contains("<scope>test</scope>"))
                    .flatMap(dependency -> OURS.matcher(dependency).results())
                    .forEach(ours -> dependencies.add(name(ours.group(1))));
            modules.put(name(Project.ROOT.relativize(pom.getParent()).toString()), dependencies);
        }
        return modules;
    }

    private static List<Path> poms() throws IOException {
        try (Stream<Path> files = Files.walk(Project.ROOT, 3)) {
            return files.filter(file -> file.endsWith("pom.xml"))
                    .filter(pom ->
                            Files.isDirectory(pom.resolveSibling("src"))
                                    || pom.getParent().endsWith("servers"))
                    .toList();
        }
    }

    private static Set<String> reachable(String module, Map<String, Set<String>> allowed) {
        Set<String> reached = new TreeSet<>();
        allowed.getOrDefault(module, Set.of()).stream()
                .filter(reached::add)
                .forEach(next -> reached.addAll(reachable(next, allowed)));
        return reached;
    }
}

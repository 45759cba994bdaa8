package io.cairn.model.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The features of a module depend on each other in one direction. A feature is a package {@code
 * io.cairn.<module>.<feature>} with all below it: its adapters may know it, and it may choose them.
 */
class FeaturesTest {

    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([a-z0-9.]+);");
    private static final Pattern NAMED =
            Pattern.compile("\\bio\\.cairn(?:\\.[a-z0-9]+)+(?=\\.[A-Z])");

    @Test
    void noFeatureDependsOnOneThatDependsOnIt() throws IOException {
        Map<String, Set<String>> arrows = arrows();

        assertThat(arrows).containsKey("io.cairn.model.backup");
        assertThat(arrows.get("io.cairn.restore.drill")).contains("io.cairn.restore.recovery");
        assertThat(cycles(arrows)).isEmpty();
    }

    /** By feature, those of the same module that its sources name. */
    private static Map<String, Set<String>> arrows() throws IOException {
        Map<String, Set<String>> arrows = new TreeMap<>();
        for (Path file : Project.mainSources()) {
            String source = Project.withoutComments(Files.readString(file));
            String from =
                    PACKAGE.matcher(source)
                            .results()
                            .map(match -> feature(match.group(1)))
                            .findFirst()
                            .orElseThrow();
            Set<String> named = arrows.computeIfAbsent(from, _ -> new TreeSet<>());
            NAMED.matcher(source)
                    .results()
                    .map(match -> feature(match.group()))
                    .filter(to -> !to.equals(from) && module(to).equals(module(from)))
                    .forEach(named::add);
        }
        return arrows;
    }

    private static String feature(String packageName) {
        return first(4, packageName);
    }

    private static String module(String packageName) {
        return first(3, packageName);
    }

    private static String first(int segments, String packageName) {
        List<String> all = List.of(packageName.split("\\."));
        return String.join(".", all.subList(0, Math.min(segments, all.size())));
    }

    private static List<List<String>> cycles(Map<String, Set<String>> arrows) {
        List<List<String>> cycles = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        arrows.keySet().forEach(start -> walk(start, List.of(), arrows, seen, cycles));
        return cycles;
    }

    private static void walk(
            String feature,
            List<String> path,
            Map<String, Set<String>> arrows,
            Set<String> seen,
            List<List<String>> cycles) {
        if (path.contains(feature)) {
            cycles.add(path.subList(path.indexOf(feature), path.size()));
        } else if (seen.add(feature)) {
            List<String> further = new ArrayList<>(path);
            further.add(feature);
            arrows.getOrDefault(feature, Set.of())
                    .forEach(next -> walk(next, further, arrows, seen, cycles));
        }
    }
}

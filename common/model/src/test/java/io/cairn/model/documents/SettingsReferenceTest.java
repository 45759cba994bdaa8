package io.cairn.model.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The settings that {@code docs/configuration.md} lists are those that the services have, with the
 * same defaults. The services' sources are read as text, since this module sees none of them.
 */
class SettingsReferenceTest {

    private static final Pattern MAPPING =
            Pattern.compile(
                    "@ConfigMapping\\(prefix = \"([^\"]+)\"\\)\\s+(?:public )?interface \\w+ \\{");
    private static final Pattern SECTION = Pattern.compile("\\binterface (\\w+) \\{");
    private static final Pattern SETTING =
            Pattern.compile(
                    "(?:@WithDefault\\(\"([^\"]*)\"\\)\\s+)?(?<!default )\\b([\\w<>]+) (\\w+)\\(\\);");
    private static final Pattern PROPERTY =
            Pattern.compile(
                    "@ConfigProperty\\(\\s*name = \"(cairn\\.[^\"]+)\"(?:,\\s*defaultValue = \"([^\"]*)\")?\\)");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(cairn\\.[a-z.-]+)` \\|([^|]*)\\|[^|]*\\|[^|]*\\|$");

    @Test
    void everySettingIsDocumentedWithItsDefaultAndNoOther() throws IOException {
        Map<String, String> documented = documented();
        Map<String, String> settings = settings();

        assertThat(settings).hasSizeGreaterThan(50);
        assertThat(documented.keySet()).isEqualTo(settings.keySet());
        settings.forEach((name, value) -> {
            if (!value.isEmpty()) {
                assertThat(documented.get(name)).as(name).isEqualTo("`" + value + "`");
            }
        });
    }

    private static Map<String, String> documented() throws IOException {
        String page = Files.readString(Project.ROOT.resolve("docs/configuration.md"));
        Map<String, String> rows = new TreeMap<>();
        for (MatchResult row : ROW.matcher(page).results().toList()) {
            assertThat(rows.put(row.group(1), row.group(2).strip()))
                    .as("%s is listed twice", row.group(1))
                    .isNull();
        }
        return rows;
    }

    /** Name → default, empty where there is none or where it is no constant. */
    private static Map<String, String> settings() throws IOException {
        Map<String, String> settings = new TreeMap<>();
        for (Path file : Project.mainSources()) {
            String source = Project.withoutComments(Files.readString(file));
            Matcher mapping = MAPPING.matcher(source);
            if (mapping.find()) {
                collect(mapping.group(1), Block.from(source, mapping.end()).text(), settings);
            }
            PROPERTY.matcher(source)
                    .results()
                    .forEach(property ->
                            settings.put(property.group(1), orEmpty(property.group(2))));
        }
        return settings;
    }

    private static void collect(String prefix, String body, Map<String, String> settings) {
        Map<String, String> sections = new TreeMap<>();
        String own = body;
        for (Optional<MatchResult> found = section(own); found.isPresent(); found = section(own)) {
            Block block = Block.from(own, found.get().end());
            sections.put(found.get().group(1), block.text());
            own = own.substring(0, found.get().start()) + own.substring(block.end());
        }
        for (MatchResult setting : SETTING.matcher(own).results().toList()) {
            String name = prefix + "." + kebab(setting.group(3));
            String section = sections.get(setting.group(2));
            if (section == null) {
                settings.put(name, orEmpty(setting.group(1)));
            } else {
                collect(name, section, settings);
            }
        }
    }

    private static Optional<MatchResult> section(String body) {
        return SECTION.matcher(body).results().findFirst();
    }

    private static String orEmpty(String text) {
        return Optional.ofNullable(text).orElse("");
    }

    private static String kebab(String name) {
        return String.join("-", List.of(name.split("(?=[A-Z])"))).toLowerCase(Locale.ROOT);
    }

    /**
     * What stands between braces.
     *
     * @param end behind the closing brace
     */
    private record Block(String text, int end) {

        static Block from(String source, int begin) {
            int depth = 1;
            int end = begin;
            while (depth > 0) {
                char c = source.charAt(end++);
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            }
            return new Block(source.substring(begin, end - 1), end);
        }
    }
}

package io.cairn.local;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes the platform's {@code cairn.yaml}: its own stores and keys, and the sample clusters or the
 * user's file.
 */
final class ConfigFile {

    private static final YAMLMapper YAML = new YAMLMapper();

    private ConfigFile() {}

    /**
     * @param own what the platform provides; a section the user's file has itself wins
     * @param user the file of {@code --config}
     */
    static void write(Path file, Map<String, Object> own, Optional<UserConfig> user) {
        Map<String, Object> sections = new LinkedHashMap<>(own);
        user.ifPresent(config ->
                config.sections()
                        .forEach((section, content) -> {
                            if (!own.containsKey(section) || config.has(section)) {
                                sections.put(section, content);
                            }
                        }));
        try {
            Files.writeString(
                    file,
                    "# Written by deploy/local/up at every start.\n"
                            + YAML.writeValueAsString(sections));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

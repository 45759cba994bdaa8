package io.cairn.local;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
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
    static void write(Path file, Map<String, Object> own, Optional<Path> user) {
        ObjectNode tree = user.map(ConfigFile::read).orElseGet(YAML::createObjectNode);
        own.forEach((section, content) -> {
            if (!tree.has(section)) {
                tree.set(section, YAML.valueToTree(content));
            }
        });
        try {
            Files.writeString(
                    file,
                    "# Written by deploy/local/up at every start.\n"
                            + YAML.writeValueAsString(tree));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The user's file, its relative paths made absolute, since the result lies in another folder.
     */
    private static ObjectNode read(Path file) {
        try {
            if (YAML.readTree(file.toFile()) instanceof ObjectNode tree) {
                Path folder = file.toAbsolutePath().getParent();
                absolute(tree, folder);
                return tree;
            }
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "cannot read " + file + ": " + e.getMessage(),
                    "name a YAML file",
                    e);
        }
        throw new CairnException(
                ErrorCode.CONFIG_INVALID,
                file + " is not a mapping",
                "docs/configuration.md has an example");
    }

    private static void absolute(ObjectNode node, Path folder) {
        Map<String, String> changed = new LinkedHashMap<>();
        node.properties()
                .forEach(entry -> {
                    switch (entry.getValue()) {
                        case ObjectNode child -> absolute(child, folder);
                        case ArrayNode array ->
                                array.forEach(element -> {
                                    if (element instanceof ObjectNode child) {
                                        absolute(child, folder);
                                    }
                                });
                        default -> {
                            String text = entry.getValue().asText();
                            if (text.startsWith("file:")) {
                                changed.put(
                                        entry.getKey(),
                                        "file:" + folder.resolve(text.substring("file:".length())));
                            } else if (entry.getKey().endsWith("Certificate")
                                    || entry.getKey().equals("file")) {
                                changed.put(entry.getKey(), folder.resolve(text).toString());
                            }
                        }
                    }
                });
        changed.forEach(node::put);
    }
}

package io.cairn.local;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.TierPolicy;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The file of {@code --config}, read and judged before anything is started or deleted.
 *
 * @param config what it says, checked
 * @param sections what it says as written, its relative paths made absolute, since it becomes part
 *     of a file in another folder
 */
record UserConfig(Path file, CairnConfig config, Map<String, Object> sections) {

    private static final String PASSWORD = "password";

    UserConfig {
        sections = Map.copyOf(sections);
    }

    /**
     * @throws CairnException with file, line and hint: what is no configuration, names no cluster,
     *     or does not go with what the platform provides
     */
    static UserConfig read(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        CairnConfig config = CairnConfigReader.read(absolute);
        Node root = compose(absolute);
        if (config.clusters().isEmpty() || !(root instanceof MappingNode mapping)) {
            throw invalid(
                    absolute, 1, "it names no cluster", "docs/configuration.md has an example");
        }
        requireLocalCopies(absolute, config, mapping);
        Map<String, Object> sections = new LinkedHashMap<>();
        Absolute paths = new Absolute(absolute.resolveSibling(""));
        for (NodeTuple section : mapping.getValue()) {
            String name = text(section.getKeyNode());
            Object content = paths.value(name, name, section.getValueNode());
            if (content != null) {
                sections.put(name, content);
            }
        }
        if (sections.get("keys") instanceof Map<?, ?> keys && !keys.isEmpty()) {
            requireAllKeys(absolute, keys, line(mapping, "keys"));
        }
        return new UserConfig(absolute, config, sections);
    }

    /**
     * Every cluster's password is there.
     *
     * @throws CairnException {@link ErrorCode#SECRET_UNAVAILABLE}
     */
    void requirePasswords() {
        config.clusters()
                .forEach((name, cluster) -> {
                    try {
                        cluster.password().ifPresent(reference -> reference.resolve());
                    } catch (CairnException e) {
                        throw new CairnException(
                                e.code(),
                                file + ": clusters." + name + ".password: " + e.getMessage(),
                                e.hint().orElse(null),
                                e);
                    }
                });
    }

    /** Whether it says anything in a section that the platform could provide. */
    boolean has(String section) {
        return sections.get(section) instanceof Map<?, ?> content && !content.isEmpty();
    }

    private static @Nullable Node compose(Path file) {
        try (Reader reader = Files.newBufferedReader(file)) {
            return new Yaml(new LoaderOptions()).compose(reader);
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "cannot read " + file + ": " + e.getMessage(),
                    "it must be a UTF-8 file that you may read",
                    e);
        }
    }

    /** The reader checks the copies of a file that has stores; this one gets the platform's. */
    private static void requireLocalCopies(Path file, CairnConfig config, MappingNode root) {
        if (!config.stores().isEmpty()) {
            return;
        }
        for (TierPolicy policy : config.tiers().values()) {
            for (StoreName copy : policy.run().copies()) {
                if (!Stores.NAMES.contains(copy.value())) {
                    String tier = policy.tier().id();
                    throw invalid(
                            file,
                            line(root, "tiers", tier, "copies"),
                            "tiers." + tier + ".copies: there is no store '" + copy + "'",
                            "the local platform has "
                                    + String.join(", ", Stores.NAMES)
                                    + "; or add stores:");
                }
            }
        }
    }

    /** Keys replace the platform's as a whole: one authority cannot vouch for another's. */
    private static void requireAllKeys(Path file, Map<?, ?> keys, int line) {
        for (String key : List.of("recipients", "trustAnchor", "signer", "identity")) {
            if (!keys.containsKey(key)) {
                throw invalid(
                        file,
                        line,
                        "keys." + key + " is missing",
                        "every service runs here and needs its part; leave keys: out for the"
                                + " platform's own");
            }
        }
    }

    private static CairnException invalid(Path file, int line, String message, String hint) {
        return new CairnException(
                ErrorCode.CONFIG_INVALID, file + ", line " + line + ": " + message, hint);
    }

    /** The line of the last of these keys that is there. */
    private static int line(MappingNode root, String... path) {
        int line = 1;
        Node at = root;
        for (String key : path) {
            Optional<NodeTuple> entry = entry(at, key);
            if (entry.isEmpty()) {
                break;
            }
            line = entry.get().getKeyNode().getStartMark().getLine() + 1;
            at = entry.get().getValueNode();
        }
        return line;
    }

    private static Optional<NodeTuple> entry(Node node, String key) {
        return node instanceof MappingNode mapping
                ? mapping.getValue().stream()
                        .filter(entry -> text(entry.getKeyNode()).equals(key))
                        .findFirst()
                : Optional.empty();
    }

    private static String text(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    /**
     * Copies what stands in the file, with absolute paths. Paths are {@code …Certificate}, what
     * {@code postgres} lists, and everything in {@code keys} that is no password.
     */
    private record Absolute(Path folder) {

        private @Nullable Object value(String section, String key, Node node) {
            return switch (node) {
                case MappingNode mapping -> {
                    Map<String, @Nullable Object> entries = new LinkedHashMap<>();
                    for (NodeTuple entry : mapping.getValue()) {
                        String name = text(entry.getKeyNode());
                        entries.put(name, value(section, name, entry.getValueNode()));
                    }
                    yield entries;
                }
                case SequenceNode sequence -> {
                    List<@Nullable Object> items = new ArrayList<>();
                    sequence.getValue().forEach(item -> items.add(value(section, key, item)));
                    yield items;
                }
                default -> Tag.NULL.equals(node.getTag()) ? null : scalar(section, key, text(node));
            };
        }

        private String scalar(String section, String key, String text) {
            if (text.startsWith("file:")) {
                return "file:" + resolve(text.substring("file:".length()));
            }
            boolean path =
                    switch (section) {
                        case "keys" -> !key.equals(PASSWORD);
                        case "postgres" -> true;
                        default -> key.endsWith("Certificate");
                    };
            return path ? resolve(text) : text;
        }

        private String resolve(String path) {
            return folder.resolve(path).normalize().toString();
        }
    }
}

package io.cairn.config;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * A mapping in the configuration, with its path and its lines. Keys are unique; whoever reads it
 * names those it knows.
 */
final class Section {

    private final YamlSource source;
    private final String path;
    private final int line;
    private final SequencedMap<String, Value> values;

    private Section(YamlSource source, String path, int line, SequencedMap<String, Value> values) {
        this.source = source;
        this.path = path;
        this.line = line;
        this.values = values;
    }

    static Section empty(YamlSource source) {
        return new Section(source, "", 1, new LinkedHashMap<>());
    }

    static Section of(YamlSource source, String path, MappingNode node) {
        SequencedMap<String, Value> values = new LinkedHashMap<>();
        for (NodeTuple entry : node.getValue()) {
            Node key = entry.getKeyNode();
            if (!(key instanceof ScalarNode scalar)) {
                throw source.invalid(
                        key, at(path) + "a key must be text", "quote it, or remove it");
            }
            String name = scalar.getValue();
            Value value =
                    new Value(
                            source,
                            path.isEmpty() ? name : path + "." + name,
                            YamlSource.line(key),
                            entry.getValueNode());
            if (values.putIfAbsent(name, value) != null) {
                throw source.invalid(
                        key,
                        value.path() + " is there twice",
                        "keep one; the first is in line " + values.get(name).line());
            }
        }
        return new Section(source, path, YamlSource.line(node), values);
    }

    /**
     * Refuses any other key.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_UNKNOWN_KEY}, with the nearest known key
     */
    Section allow(String... known) {
        List<String> names = Arrays.asList(known);
        for (var entry : values.entrySet()) {
            if (!names.contains(entry.getKey())) {
                throw source.error(
                        ErrorCode.CONFIG_UNKNOWN_KEY,
                        entry.getValue().line(),
                        "unknown key " + entry.getValue().path(),
                        Nearest.of(entry.getKey(), names)
                                .map(nearest -> "did you mean '" + nearest + "'?")
                                .orElse("known here: " + String.join(", ", names)),
                        null);
            }
        }
        return this;
    }

    String path() {
        return path;
    }

    Optional<Value> get(String key) {
        return Optional.ofNullable(values.get(key));
    }

    Value require(String key) {
        return get(key).orElseThrow(() ->
                error(
                        (path.isEmpty() ? key : path + "." + key) + " is missing",
                        "add it; docs/configuration.md describes it"));
    }

    /** The mapping under {@code key}; an empty one where there is none. */
    Section section(String key) {
        return get(key).map(Value::section)
                .orElseGet(() ->
                        new Section(
                                source,
                                path.isEmpty() ? key : path + "." + key,
                                line,
                                new LinkedHashMap<>()));
    }

    /** Reads each entry of a mapping whose keys are names. */
    <K, V> SequencedMap<K, V> entries(Function<String, K> name, BiFunction<K, Value, V> read) {
        SequencedMap<K, V> result = new LinkedHashMap<>();
        for (var entry : values.entrySet()) {
            Value value = entry.getValue();
            K key = value.parsing(() -> name.apply(entry.getKey()));
            result.put(key, read.apply(key, value));
        }
        return result;
    }

    /**
     * Makes something of the whole section; what its constructor refuses is reported with the
     * section's place.
     */
    <T> T parsing(Supplier<T> parse) {
        return Value.parsing(source, line, path, parse);
    }

    CairnException error(String message, String hint) {
        return source.error(ErrorCode.CONFIG_INVALID, line, message, hint, null);
    }

    static String at(String path) {
        return path.isEmpty() ? "" : path + ": ";
    }
}

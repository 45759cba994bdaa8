package io.cairn.config;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * What stands behind a key. Every reading method refuses what is not of its kind, in one line with
 * path and line.
 */
final class Value {

    private final YamlSource source;
    private final String path;
    private final int line;
    private final Node node;

    Value(YamlSource source, String path, int line, Node node) {
        this.source = source;
        this.path = path;
        this.line = line;
        this.node = node;
    }

    String path() {
        return path;
    }

    int line() {
        return line;
    }

    String text() {
        if (node instanceof ScalarNode scalar
                && !YamlSource.isNull(node)
                && !scalar.getValue().isBlank()) {
            return scalar.getValue();
        }
        throw wrong("text", "write one value");
    }

    Section section() {
        if (node instanceof MappingNode mapping) {
            return Section.of(source, path, mapping);
        }
        throw wrong("a mapping", "write its keys indented below, or in {…}");
    }

    List<Value> list() {
        if (node instanceof SequenceNode sequence) {
            List<Node> items = sequence.getValue();
            return IntStream.range(0, items.size())
                    .mapToObj(i ->
                            new Value(
                                    source,
                                    path + "[" + i + "]",
                                    YamlSource.line(items.get(i)),
                                    items.get(i)))
                    .toList();
        }
        throw wrong("a list", "write it as [a, b]");
    }

    boolean bool() {
        return switch (text()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong("true or false", "write true or false");
        };
    }

    int integer(int min, int max) {
        try {
            int number = Integer.parseInt(text());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of bounds.
        }
        throw wrong("a number from " + min + " to " + max, "write digits only");
    }

    /** {@code 15m}, {@code 6h}, {@code 90d}. */
    Duration duration() {
        return as(Units::duration);
    }

    /** Bytes: {@code 64MiB}. */
    long size() {
        return as(Units::size);
    }

    Path file() {
        return source.folder().resolve(text()).normalize();
    }

    /** A secret in a file may be named relative to the configuration, like any other file. */
    SecretReference secret() {
        String text = text();
        return as(_ ->
                new SecretReference(
                        text.startsWith("file:")
                                ? "file:"
                                        + source.folder()
                                                .resolve(text.substring("file:".length()))
                                                .normalize()
                                : text));
    }

    /** The value as whatever {@code parse} makes of its text. */
    <T> T as(Function<String, T> parse) {
        String text = text();
        return parsing(() -> parse.apply(text));
    }

    <T> T parsing(Supplier<T> parse) {
        return parsing(source, line, path, parse);
    }

    /** Gives what the domain types refuse its place in the file. */
    static <T> T parsing(YamlSource source, int line, String path, Supplier<T> parse) {
        try {
            return parse.get();
        } catch (CairnException e) {
            if (e.code() == ErrorCode.CONFIG_UNKNOWN_KEY
                    || e.getMessage().startsWith(source.name())) {
                throw e;
            }
            throw source.error(
                    ErrorCode.CONFIG_INVALID,
                    line,
                    Section.at(path) + e.getMessage(),
                    e.hint().orElse(null),
                    e);
        } catch (IllegalArgumentException e) {
            throw source.error(
                    ErrorCode.CONFIG_INVALID, line, Section.at(path) + e.getMessage(), null, e);
        }
    }

    CairnException invalid(String message, @Nullable String hint) {
        return source.error(ErrorCode.CONFIG_INVALID, line, Section.at(path) + message, hint, null);
    }

    private CairnException wrong(String expected, String hint) {
        return invalid("must be " + expected + ", is " + what(), hint);
    }

    private String what() {
        return switch (node) {
            case MappingNode _ -> "a mapping";
            case SequenceNode _ -> "a list";
            case ScalarNode scalar when YamlSource.isNull(node) || scalar.getValue().isBlank() ->
                    "empty";
            case ScalarNode scalar -> "'" + scalar.getValue() + "'";
            default -> "something else";
        };
    }
}

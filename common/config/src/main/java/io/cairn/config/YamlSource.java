package io.cairn.config;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Where a piece of YAML comes from.
 *
 * @param name as errors call it
 * @param folder what relative paths in it are relative to
 */
record YamlSource(String name, Path folder) {

    /** A configuration is a page; what is larger is something else. */
    private static final int CODE_POINTS_MAX = 1 << 20;

    /**
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}
     */
    static Section read(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        YamlSource source = new YamlSource(file.toString(), parent == null ? absolute : parent);
        try {
            return source.parse(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "there is no file " + file,
                    "set CAIRN_CONFIG to the path of cairn.yaml",
                    e);
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "cannot read " + file + ": " + e.getMessage(),
                    "it must be a UTF-8 file that the user of this process may read",
                    e);
        }
    }

    /** The file's outermost mapping; a file without content is an empty one. */
    Section parse(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(CODE_POINTS_MAX);
        try {
            Node root = new Yaml(options).compose(new StringReader(text));
            if (root == null) {
                return Section.empty(this);
            }
            if (root instanceof MappingNode mapping) {
                return Section.of(this, "", mapping);
            }
            throw invalid(
                    root, "the file holds no mapping", "write keys like clusters: and stores:");
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw error(
                    ErrorCode.CONFIG_INVALID,
                    line,
                    "not YAML: " + e.getProblem(),
                    "check indentation and quotes",
                    e);
        } catch (YAMLException e) {
            throw error(
                    ErrorCode.CONFIG_INVALID,
                    1,
                    "not YAML: " + e.getMessage(),
                    "check indentation and quotes",
                    e);
        }
    }

    CairnException invalid(Node node, String message, @Nullable String hint) {
        return error(ErrorCode.CONFIG_INVALID, line(node), message, hint, null);
    }

    CairnException error(
            ErrorCode code,
            int line,
            String message,
            @Nullable String hint,
            @Nullable Throwable cause) {
        return new CairnException(
                code, "%s, line %d: %s".formatted(name, line, message), hint, cause);
    }

    static int line(Node node) {
        return node.getStartMark() == null ? 1 : node.getStartMark().getLine() + 1;
    }

    static boolean isNull(Node node) {
        return Tag.NULL.equals(node.getTag());
    }
}

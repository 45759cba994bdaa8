package io.cairn.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a secret is, never the secret: {@code env:NAME} or {@code file:/path} (trailing line ends
 * are cut). Resolved when it is needed, by the process that needs it, so one file serves services
 * with different rights.
 */
public record SecretReference(@JsonValue String value) {

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public SecretReference {
        if (!value.matches("env:[A-Za-z_][A-Za-z0-9_]*|file:.+")) {
            // The value is not repeated: it may be the secret itself.
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "a secret must be given by reference",
                    "write env:NAME or file:/path/to/secret, never the secret itself");
        }
    }

    /**
     * @throws CairnException {@link ErrorCode#SECRET_UNAVAILABLE}
     */
    public Secret resolve() {
        String where = value.substring(value.indexOf(':') + 1);
        return value.startsWith("env:") ? fromEnvironment(where) : fromFile(Path.of(where));
    }

    private static Secret fromEnvironment(String name) {
        String secret = System.getenv(name);
        if (secret == null || secret.isEmpty()) {
            throw new CairnException(
                    ErrorCode.SECRET_UNAVAILABLE,
                    "the environment variable " + name + " is not set",
                    "set it for this process, or refer to a file with file:/path");
        }
        return Secret.of(secret);
    }

    private static Secret fromFile(Path file) {
        try {
            String text = Files.readString(file).stripTrailing();
            if (text.isEmpty()) {
                throw new CairnException(
                        ErrorCode.SECRET_UNAVAILABLE,
                        "the secret file " + file + " is empty",
                        "write the secret into it");
            }
            return Secret.of(text);
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.SECRET_UNAVAILABLE,
                    "cannot read the secret file " + file,
                    "create it, readable by the user this process runs as",
                    e);
        }
    }
}

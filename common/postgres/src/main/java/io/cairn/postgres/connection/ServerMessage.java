package io.cairn.postgres.connection;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.postgresql.util.ServerErrorMessage;

/**
 * An error or notice as the server sent it. Fields that it left out are empty. The message is in
 * the server's language; what decides is taken from the SQLSTATE, the severity and the routine,
 * which are never translated.
 *
 * @param severity {@code ERROR}, {@code FATAL}, {@code PANIC}, {@code WARNING}, {@code NOTICE} …
 * @param sqlState five characters
 * @param routine the server's C function that reported it
 * @see <a href="https://www.postgresql.org/docs/current/protocol-error-fields.html">Error and
 *     Notice Message Fields</a>
 */
public record ServerMessage(
        String severity, String sqlState, String message, String detail, String routine) {

    /**
     * The body of an ErrorResponse or NoticeResponse: a type byte and a zero-terminated string,
     * repeated, then a zero byte.
     */
    static ServerMessage parse(byte[] body) {
        Map<Character, String> fields = new HashMap<>();
        for (int at = 0; at < body.length && body[at] != 0; ) {
            int end = at + 1;
            while (end < body.length && body[end] != 0) {
                end++;
            }
            fields.put(
                    (char) body[at],
                    new String(body, at + 1, end - at - 1, StandardCharsets.UTF_8));
            at = end + 1;
        }
        return new ServerMessage(
                fields.getOrDefault('V', fields.getOrDefault('S', "")),
                fields.getOrDefault('C', ""),
                fields.getOrDefault('M', ""),
                fields.getOrDefault('D', ""),
                fields.getOrDefault('R', ""));
    }

    static ServerMessage of(ServerErrorMessage error) {
        return new ServerMessage(
                Objects.requireNonNullElse(error.getSeverity(), ""),
                Objects.requireNonNullElse(error.getSQLState(), ""),
                Objects.requireNonNullElse(error.getMessage(), ""),
                Objects.requireNonNullElse(error.getDetail(), ""),
                Objects.requireNonNullElse(error.getRoutine(), ""));
    }

    /**
     * Whether the server has ended the session with this message, so that nothing more will come.
     */
    boolean endsSession() {
        return severity.equals("FATAL") || severity.equals("PANIC");
    }

    /**
     * For an operator: the text and its SQLSTATE. The detail is left out, since it may show data.
     */
    @Override
    public String toString() {
        return message + " (SQLSTATE " + sqlState + ")";
    }
}

package io.cairn.model.error;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of Cairn. Its message is one line for an operator: it names the object, holds
 * no secret, and is followed by a hint that says what to do next.
 */
public final class CairnException extends RuntimeException {

    private final ErrorCode code;
    private final @Nullable String hint;

    public CairnException(
            ErrorCode code, String message, @Nullable String hint, @Nullable Throwable cause) {
        super(oneLine(message), cause);
        this.code = code;
        this.hint = hint == null ? null : oneLine(hint);
    }

    public CairnException(ErrorCode code, String message, @Nullable String hint) {
        this(code, message, hint, null);
    }

    public static CairnException bug(String message) {
        return new CairnException(
                ErrorCode.INTERNAL,
                message,
                "this is a defect in Cairn; please report it with the log");
    }

    public ErrorCode code() {
        return code;
    }

    public ErrorCategory category() {
        return code.category();
    }

    public Optional<String> hint() {
        return Optional.ofNullable(hint);
    }

    /** The message and, on the same line, its hint: {@code … hint: …}. */
    public String messageWithHint() {
        return hint == null ? getMessage() : getMessage() + " hint: " + hint;
    }

    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? code.name() : message;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}

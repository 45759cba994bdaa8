package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.regex.Pattern;

/**
 * The key of an object in a bucket: parts of {@code A-Z a-z 0-9 . _ ~ -} joined by {@code /}, at
 * most 1024 bytes (the limit of S3). No part is {@code .} or {@code ..}, so a key is also a safe
 * relative path.
 */
public record ObjectKey(@JsonValue String value) implements Comparable<ObjectKey> {

    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*");
    private static final Pattern DOTS = Pattern.compile("(^|.*/)\\.{1,2}(/.*|$)");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ObjectKey {
        if (!isValid(value)) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "'" + value + "' is not an object key",
                    "parts of A-Z a-z 0-9 . _ ~ - joined by /, at most 1024 bytes");
        }
    }

    public static boolean isValid(String value) {
        return value.length() <= 1024
                && VALID.matcher(value).matches()
                && !DOTS.matcher(value).matches();
    }

    @Override
    public int compareTo(ObjectKey other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}

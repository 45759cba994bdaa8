package io.cairn.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A SHA-256 digest (FIPS 180-4) as 64 lower-case hexadecimal digits. */
public record Sha256(@JsonValue String hex) {

    private static final Pattern VALID = Pattern.compile("[0-9a-f]{64}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Sha256 {
        if (!isValid(hex)) {
            throw new CairnException(
                    ErrorCode.NAME_INVALID,
                    "'" + hex + "' is not a SHA-256 digest",
                    "64 lower-case hex digits");
        }
    }

    public static boolean isValid(String hex) {
        return VALID.matcher(hex).matches();
    }

    public static Sha256 of(byte[] bytes) {
        return fromBytes(newDigest().digest(bytes));
    }

    /** The result of a digest fed elsewhere; resets it. */
    public static Sha256 of(MessageDigest digest) {
        return fromBytes(digest.digest());
    }

    public static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static Sha256 fromBytes(byte[] digest) {
        return new Sha256(HexFormat.of().formatHex(digest));
    }

    @Override
    public String toString() {
        return hex;
    }
}

package io.cairn.config;

import java.util.Arrays;

/** A resolved secret. It never shows itself: {@link #toString()} is redacted. */
public final class Secret {

    private final char[] value;

    Secret(char[] value) {
        this.value = value.clone();
    }

    public static Secret of(String value) {
        return new Secret(value.toCharArray());
    }

    /** A copy of the characters; the caller may wipe it. */
    public char[] chars() {
        return value.clone();
    }

    /** For the libraries that want a string and nothing else. */
    public String reveal() {
        return new String(value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && Arrays.equals(value, secret.value);
    }

    @Override
    public int hashCode() {
        return Secret.class.hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }
}

package io.cairn.storage.policy;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Allows or denies actions on the objects whose keys match.
 *
 * @param actions at least one
 * @param keys patterns as in IAM: {@code *} stands for any characters, {@code /} too, {@code ?} for
 *     one; at least one
 */
public record Rule(Effect effect, Set<Action> actions, List<String> keys) {

    public Rule {
        actions = Set.copyOf(actions);
        keys = List.copyOf(keys);
        if (actions.isEmpty() || keys.isEmpty()) {
            throw new IllegalArgumentException("a rule names actions and keys");
        }
    }

    /** IAM's: a denial wins over whatever allows the same. */
    public enum Effect {
        ALLOW,
        DENY
    }

    static Rule allow(Set<Action> actions, String... keys) {
        return new Rule(Effect.ALLOW, EnumSet.copyOf(actions), List.of(keys));
    }

    boolean matches(Action action, String key) {
        return actions.contains(action) && keys.stream().anyMatch(pattern -> matches(pattern, key));
    }

    private static boolean matches(String pattern, String key) {
        StringBuilder regex = new StringBuilder();
        for (char c : pattern.toCharArray()) {
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return key.matches(regex.toString());
    }
}

package io.cairn.restore.drill;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Tells errors that say something about the drill's machine from those that say something about the
 * backup: the programs here were built otherwise than the source's, lack an extension's library, or
 * the system lacks a locale.
 */
final class MachineLimits {

    private static final List<String> SIGNS =
            List.of(
                    "is incompatible with server",
                    "are incompatible with server",
                    "is incompatible with operating system",
                    "not supported by this build",
                    "not supported in this build",
                    "could not access file \"",
                    "could not load library \"",
                    "could not find function",
                    "is not a valid locale");

    private static final Pattern OTHER_RESOURCE_MANAGER =
            Pattern.compile("resource manager with ID \\d+ not registered");

    private MachineLimits() {}

    static boolean explain(String message) {
        return SIGNS.stream().anyMatch(message::contains)
                || OTHER_RESOURCE_MANAGER.matcher(message).find();
    }
}

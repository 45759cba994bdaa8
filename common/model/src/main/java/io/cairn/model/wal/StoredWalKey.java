package io.cairn.model.wal;

import java.util.regex.Pattern;

/** The grammar of {@link WalLayout}, for reading. */
final class StoredWalKey {

    /** Timeline 0 exists nowhere. */
    static final Pattern SHAPE =
            Pattern.compile(
                    "[a-z0-9-]+/\\d+/"
                            // A piece's name has a dash; nothing else has one there.
                            + "(?:wal/(?!.*-[^/]*$)|pieces/(?=.*-[^/]*$))"
                            + "(?<timeline>(?!0{8})[0-7][0-9A-F]{7})(?:~(?<divergence>[0-9a-f]{32}))?/"
                            + "(?:(?<history>[0-9A-F]{8}\\.history)"
                            + "|(?<segment>[0-9A-F]{24})(?<partial>\\.partial)?"
                            + "|(?<start>[0-9A-F]{16})-(?<end>[0-9A-F]{16}))"
                            + "\\.gz\\.cms");

    /** Below {@link WalLayout#keysPrefix()}. */
    static final Pattern WRAPPED_KEY =
            Pattern.compile("[0-9A-F]{8}/[0-9A-F]{16}-[0-9a-f]{32}(?:\\.[0-9a-f]{16})?\\.cms");

    private StoredWalKey() {}
}

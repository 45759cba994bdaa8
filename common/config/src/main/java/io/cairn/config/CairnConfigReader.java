package io.cairn.config;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.file.Path;

/** Reads {@code cairn.yaml} strictly. */
public final class CairnConfigReader {

    private CairnConfigReader() {}

    /**
     * Reads and checks a configuration file. What it leaves out has the requirement's values.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}, {@link ErrorCode#CONFIG_UNKNOWN_KEY}
     */
    public static CairnConfig read(Path file) {
        throw new CairnException(ErrorCode.CONFIG_INVALID, "cannot read " + file, null);
    }
}

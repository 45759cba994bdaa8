package io.cairn.model.record;

import io.cairn.model.Json;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;

/** What reading the records has in common. */
final class RecordJson {

    private RecordJson() {}

    /**
     * @throws CairnException {@link ErrorCode#RECORD_INVALID}
     */
    static <T> T read(byte[] json, Class<T> type, String whence) {
        try {
            return Json.read(json, type);
        } catch (IOException | RuntimeException e) {
            throw new CairnException(
                    ErrorCode.RECORD_INVALID,
                    whence + " is not the record of a " + type.getSimpleName(),
                    "copy it from another store of the cluster; nothing is expired while it cannot be read",
                    e);
        }
    }
}

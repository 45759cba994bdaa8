package io.cairn.restore.engine;

import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.restore.contents.ContentReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A finished restore: every file compared with the server's manifest and durable.
 *
 * @param store where it was read from
 * @param bytesFetched stored bytes
 * @param bytesWritten bytes of files
 * @param bytesKept of them, those that an earlier try had completed
 * @param files how many
 * @param passedOver what a copy lacked, and another had
 */
public record RestoreResult(
        CommitObject commit,
        StoreName store,
        Path directory,
        long bytesFetched,
        long bytesWritten,
        long bytesKept,
        long files,
        Duration elapsed,
        List<ContentReader.PassedOver> passedOver) {

    public RestoreResult {
        passedOver = List.copyOf(passedOver);
    }
}

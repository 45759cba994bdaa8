package io.cairn.storage.s3;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectBody;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ContentStreamProvider;

/**
 * Opens the body anew for each try, and closes what it opened: the SDK leaves that to its caller.
 */
final class PutBody implements ContentStreamProvider, AutoCloseable {

    private final ObjectBody body;
    private @Nullable InputStream stream;

    PutBody(ObjectBody body) {
        this.body = body;
    }

    @Override
    public synchronized InputStream newStream() {
        close();
        InputStream opened = body.open();
        stream = opened;
        return opened;
    }

    @Override
    public synchronized void close() {
        InputStream last = stream;
        stream = null;
        if (last == null) {
            return;
        }
        try {
            last.close();
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.SOURCE_FAILED,
                    "cannot close what was being stored",
                    "see the cause",
                    e);
        }
    }
}

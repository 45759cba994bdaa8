package io.cairn.storage.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * An object on its way here. Closed before its end it drops the connection: closing it the ordinary
 * way would first fetch the rest.
 */
final class GetStream extends FilterInputStream {

    private final ResponseInputStream<GetObjectResponse> response;
    private long remaining;

    GetStream(ResponseInputStream<GetObjectResponse> response, long length) {
        super(response);
        this.response = response;
        this.remaining = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = super.read(target, offset, length);
        remaining -= Math.max(0, count);
        return count;
    }

    @Override
    public void close() throws IOException {
        if (remaining > 0) {
            response.abort();
        } else {
            super.close();
        }
    }
}

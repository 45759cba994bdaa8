package io.cairn.storage;

import io.cairn.model.Sha256;
import java.io.InputStream;
import java.util.function.Supplier;

record ReplayableBody(long length, Sha256 sha256, Supplier<InputStream> source)
        implements ObjectBody {

    ReplayableBody {
        if (length < 0) {
            throw new IllegalArgumentException("negative length");
        }
    }

    @Override
    public InputStream open() {
        return source.get();
    }
}

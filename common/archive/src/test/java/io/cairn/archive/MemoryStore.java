package io.cairn.archive;

import io.cairn.model.backup.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** A store in memory: it copies, as a store must, since the writer uses its buffers again. */
class MemoryStore implements VolumeSink {

    final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();

    @Override
    public StoredObject store(SealedObject object) {
        byte[] bytes = new byte[object.length()];
        object.content().get(bytes);
        if (objects.putIfAbsent(object.key().value(), bytes) != null) {
            throw new IllegalStateException(object.key() + " is there already");
        }
        return object.stored();
    }

    byte[] bytes(StoredObject object) {
        return objects.get(object.key().value());
    }

    InputStream open(StoredObject object) {
        return new ByteArrayInputStream(bytes(object));
    }
}

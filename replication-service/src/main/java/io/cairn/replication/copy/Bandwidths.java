package io.cairn.replication.copy;

import io.cairn.model.StoreName;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** How fast objects are streamed into each store, whatever they belong to. Thread-safe. */
@Singleton
public final class Bandwidths {

    private final Optional<Long> bytesPerSecond;
    private final Map<StoreName, Bandwidth> limits = new ConcurrentHashMap<>();

    @Inject
    Bandwidths(CopySettings settings) {
        this.bytesPerSecond = settings.checked().bandwidth().map(limit -> limit.asLongValue());
    }

    public Optional<Bandwidth> into(StoreName store) {
        return bytesPerSecond.map(
                bytes -> limits.computeIfAbsent(store, _ -> new Bandwidth(bytes)));
    }
}

package io.cairn.bench.month;

import io.cairn.model.AttemptId;
import io.cairn.model.StoreName;
import io.cairn.restore.compare.TableDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** What the month itself knows, and nobody who is tested. */
final class Ledger {

    /** What the month did to an object behind the store's back. */
    enum Damage {
        CHANGED,
        LOST
    }

    /**
     * @param before what was stored
     */
    private record Damaged(Damage how, byte[] before) {}

    private final Map<AttemptId, List<TableDigest>> contents = new HashMap<>();
    private final Map<StoreName, Map<String, Damaged>> damage = new HashMap<>();

    void taken(AttemptId attempt, List<TableDigest> at) {
        contents.put(attempt, at);
    }

    /** What was in the cluster when this was taken; empty if it never was. */
    Optional<List<TableDigest>> contents(AttemptId attempt) {
        return Optional.ofNullable(contents.get(attempt));
    }

    /** Takes an object away, or changes its bytes. */
    void damage(Region region, String key, Damage how, UnaryOperator<byte[]> change) {
        byte[] before = region.bucket().bytes(key).orElseThrow();
        switch (how) {
            case CHANGED -> region.bucket().damage(key, change);
            case LOST -> region.bucket().lose(key);
        }
        damage.computeIfAbsent(region.name(), _ -> new HashMap<>())
                .putIfAbsent(key, new Damaged(how, before));
    }

    /** Forgets what has been repaired meanwhile. */
    void look(Region region) {
        damage.getOrDefault(region.name(), Map.of())
                .entrySet()
                .removeIf(entry ->
                        region.bucket()
                                .bytes(entry.getKey())
                                .filter(now -> Arrays.equals(now, entry.getValue().before()))
                                .isPresent());
    }

    Optional<Damage> damage(StoreName store, String key) {
        return Optional.ofNullable(damage.getOrDefault(store, Map.of()).get(key)).map(Damaged::how);
    }

    /** Whether something of that kind is damaged anywhere. */
    boolean anyDamage(Predicate<String> keys) {
        return damage.values().stream()
                .anyMatch(damaged -> damaged.keySet().stream().anyMatch(keys));
    }
}

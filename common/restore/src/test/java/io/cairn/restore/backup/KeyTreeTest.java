package io.cairn.restore.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ObjectKey;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import org.junit.jupiter.api.Test;

class KeyTreeTest {

    private final FakeObjectStore store = FakeObjectStore.plain("primary");

    @Test
    void theNextLevelIsListedAndNothingBelowOrBeside() {
        put("shop/1/backups/a/x");
        put("shop/1/backups/b.c/x");
        put("shop/1/backups/b/deep/er");
        put("shop/1/backups/file");
        put("shop/1/keys/k");
        put("shop-2/1/backups/z/x");
        assertThat(KeyTree.children(store, "shop/1/backups/")).containsExactly("a", "b", "b.c");
        assertThat(KeyTree.children(store, "shop/")).containsExactly("1");
        assertThat(KeyTree.children(store, "")).containsExactly("shop", "shop-2");
        assertThat(KeyTree.children(store, "none/")).isEmpty();
    }

    @Test
    void whatLiesBelowANameIsSkippedNotListed() {
        for (int i = 0; i < 5000; i++) {
            put("shop/1/backups/a/%06d".formatted(i));
        }
        put("shop/1/backups/b/x");
        int before = store.calls().size();
        assertThat(KeyTree.children(store, "shop/1/backups/")).containsExactly("a", "b");
        assertThat(store.calls().size() - before).isEqualTo(2);
    }

    private void put(String key) {
        store.putIfAbsent(new ObjectKey(key), ObjectBody.of(new byte[] {1})).orThrow();
    }
}

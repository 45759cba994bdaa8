package io.cairn.catalog.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Shredded;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShreddedKeysTest {

    private static final ClusterName SHOP = new ClusterName("shop");
    private static final ClusterRoot ROOT =
            new ClusterRoot(SHOP, SystemIdentifier.parse("7300000000000000001"));
    private static final ClusterRoot ANEW =
            new ClusterRoot(SHOP, SystemIdentifier.parse("7300000000000000002"));
    private static final Instant AT = Instant.parse("2026-11-22T12:00:00Z");

    private final FakeObjectStore primary = FakeObjectStore.plain("primary");
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private final ShreddedKeys keys = new ShreddedKeys(List.of(primary, secondary));

    private static void shred(FakeObjectStore store) {
        store.putIfAbsent(Shredded.key(ROOT), ObjectBody.of(new Shredded(AT, "kim", 7).toJson()))
                .orThrow();
    }

    @Test
    void whatWasCompletedBeforeOpensNoMoreInThatLifeOnly() {
        shred(secondary);
        assertThat(keys.of(ROOT, AT)).isEmpty();

        keys.look();

        assertThat(keys.of(ROOT, AT))
                .hasValueSatisfying(it -> assertThat(it.by()).isEqualTo("kim"));
        assertThat(keys.of(ROOT, AT.plusSeconds(1))).isEmpty();
        assertThat(keys.of(ANEW, AT)).isEmpty();
        assertThat(keys.all()).containsOnlyKeys(ROOT);
    }

    @Test
    void aStoreThatIsAwayHidesNotWhatAnotherSays() {
        shred(secondary);
        primary.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThatThrownBy(keys::look).isInstanceOf(CairnException.class);

        assertThat(keys.of(ROOT, AT)).isPresent();
    }

    @Test
    void aClusterThatNoConfigurationNamesIsSeenAmongWhatElseLiesInAStore() {
        for (String other :
                List.of("a", "README", "Some/thing/else.txt", "shop/notes", "zoo/1/x")) {
            primary.putIfAbsent(new ObjectKey(other), ObjectBody.of(new byte[] {1})).orThrow();
        }
        shred(primary);

        keys.look();

        assertThat(keys.all()).containsOnlyKeys(ROOT);
    }

    @Test
    void aRecordThatCannotBeReadHidesNotThatOfAnotherCluster() {
        ClusterName broken = new ClusterName("broken");
        ClusterRoot root = new ClusterRoot(broken, ROOT.systemIdentifier());
        primary.putIfAbsent(Shredded.key(root), ObjectBody.of(new byte[] {'?'})).orThrow();
        shred(primary);
        ShreddedKeys both = new ShreddedKeys(List.of(primary));

        assertThatThrownBy(both::look)
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_INVALID));

        assertThat(both.of(ROOT, AT)).isPresent();
    }
}

package io.cairn.storage.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.cairn.model.ObjectKey;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.lifecycle.LifecycleRule.Removal;
import io.cairn.storage.lifecycle.LifecycleRule.Transition;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LifecyclePlannerTest {

    private static final StoreName ARCHIVE = new StoreName("archive");

    @TempDir private Path folder = Path.of("");

    @Test
    void theRequirementsArchiveIsTwoRulesByTag() {
        LifecyclePlan plan = plan(List.of());

        assertThat(plan.added())
                .extracting(LifecycleRule::id, LifecycleRule::sentence)
                .containsExactly(
                        tuple(
                                "cairn-content-glacier",
                                "cairn-object=volume, cairn-tier=content: to GLACIER after 30d"),
                        tuple(
                                "cairn-olap-snapshot-deep-archive",
                                "cairn-drilled=true, cairn-kind=snapshot, cairn-object=volume, cairn-tier=olap: to DEEP_ARCHIVE after 0d"));
        assertThat(plan.dangers()).isEmpty();
        assertThat(plan.changes()).isTrue();
        assertThat(plan.added()).allMatch(rule -> rule.removals().isEmpty());
        assertThat(
                        new LifecyclePlanner(Configurations.read(folder, "oltp: {gzipLevel: 6}"))
                                .plan(new StoreName("primary"), List.of(), Set.of())
                                .changes())
                .isFalse();
    }

    @Test
    void whatIsThereAlreadyChangesNothing() {
        LifecyclePlan first = plan(List.of());

        LifecyclePlan second = plan(first.result());

        assertThat(second.changes()).isFalse();
        assertThat(second.present()).hasSize(2);
        assertThat(second.result()).isEqualTo(first.result());
    }

    @Test
    void aRuleOfItsOwnThatSomebodyChangedIsPutRight() {
        LifecycleRule own = plan(List.of()).added().getFirst();
        LifecycleRule changed =
                new LifecycleRule(
                        own.id(),
                        true,
                        "",
                        own.tags(),
                        own.transitions(),
                        List.of(new Removal(Optional.of(40), "expires objects after 40d")),
                        Optional.of("as stored"));
        LifecycleRule obsolete = rule("cairn-oltp-glacier", "", Map.of(), true);

        LifecyclePlan plan = plan(List.of(changed, obsolete));

        assertThat(plan.removed()).containsExactly(changed, obsolete);
        assertThat(plan.added()).contains(own);
        assertThat(plan.result()).doesNotContain(changed, obsolete);
        assertThat(plan.dangers()).isEmpty();
    }

    @Test
    void somebodyElsesRulesStayWhereTheyLeaveBackupsAlone() {
        List<LifecycleRule> foreign =
                List.of(
                        rule("logs", "logs/", Map.of(), true),
                        rule("tagged", "", Map.of("temporary", "yes"), true),
                        rule("disabled", "", Map.of(), false),
                        rule("similar", "library-of-others/", Map.of(), true),
                        new LifecycleRule(
                                "uploads",
                                true,
                                "",
                                Map.of(),
                                List.of(),
                                List.of(),
                                Optional.empty()));

        LifecyclePlan plan = plan(foreign);

        assertThat(plan.dangers()).isEmpty();
        plan.requireSafe();
        assertThat(plan.result()).startsWith(foreign.toArray(LifecycleRule[]::new)).hasSize(7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "l",
                "library",
                "library/",
                "library/7412345678901234567/wal/",
                "library/7412345678901234567/backups/",
                "gone/7412345678901234567/keys/",
            })
    void aRuleThatExpiresWhatIsCairnsIsRefused(String prefix) {
        LifecyclePlan plan = plan(List.of(rule("clean-up", prefix, Map.of(), true)));

        assertThatThrownBy(plan::requireSafe)
                .isInstanceOf(CairnException.class)
                .hasMessageContaining("rule 'clean-up' expires objects after 30d")
                .satisfies(e -> {
                    assertThat(((CairnException) e).code()).isEqualTo(ErrorCode.LIFECYCLE_UNSAFE);
                    assertThat(((CairnException) e).hint()).isPresent();
                });
    }

    @Test
    void aRuleThatDeletesBeforeRetentionSaysSo() {
        assertThat(plan(List.of(rule("clean-up", "library/", Map.of(), true))).dangers())
                .singleElement()
                .asString()
                .contains("before their retention of 180d");
    }

    @Test
    void aRuleThatMovesWalOrManifestsIsRefused() {
        LifecycleRule cold =
                new LifecycleRule(
                        "cold",
                        true,
                        "library/",
                        Map.of(),
                        List.of(Transition.after(10, "GLACIER")),
                        List.of(),
                        Optional.empty());

        assertThat(plan(List.of(cold)).dangers())
                .singleElement()
                .asString()
                .contains("moves objects to GLACIER after 10d", "wal/, pieces/ and keys/");
    }

    @Test
    void aRuleByCairnsOwnTagsIsRefusedToo() {
        assertThat(
                        plan(List.of(rule("mine", "", Map.of("cairn-object", "volume"), true)))
                                .dangers())
                .hasSize(1);
    }

    @Test
    void theFoldersOfABucketAreFoundByJumping() {
        FakeObjectStore store = FakeObjectStore.plain("archive");
        for (String key :
                List.of(
                        "shop/1/a",
                        "shop/1/b",
                        "shop/2/c",
                        "shop-2/1/a",
                        "top",
                        ".cairn-probe/x")) {
            store.putIfAbsent(new ObjectKey(key), ObjectBody.of(new byte[1])).orThrow();
        }

        assertThat(LifecyclePlanner.folders(store)).containsExactly("shop", "shop-2", "top");
    }

    private LifecyclePlan plan(List<LifecycleRule> existing) {
        return new LifecyclePlanner(Configurations.read(folder, "oltp: {gzipLevel: 6}"))
                .plan(ARCHIVE, existing, Set.of("gone"));
    }

    private static LifecycleRule rule(
            String id, String prefix, Map<String, String> tags, boolean enabled) {
        return new LifecycleRule(
                id,
                enabled,
                prefix,
                tags,
                List.of(),
                List.of(new Removal(Optional.of(30), "expires objects after 30d")),
                Optional.of("stored " + id));
    }
}

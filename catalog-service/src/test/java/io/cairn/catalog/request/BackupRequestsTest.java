package io.cairn.catalog.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.Fixtures;
import io.cairn.catalog.Histories;
import io.cairn.catalog.paging.Page;
import io.cairn.catalog.paging.PageRequest;
import io.cairn.catalog.projection.MemoryFactStore;
import io.cairn.catalog.projection.Projection;
import io.cairn.catalog.run.RunFilter;
import io.cairn.catalog.run.Runs;
import io.cairn.catalog.run.TrackedRun;
import io.cairn.events.BackupDue;
import io.cairn.events.BackupRequested;
import io.cairn.events.DueCause;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackupRequestsTest {

    private static final ClusterName OLTP = new ClusterName("c-oltp");
    private static final RunId RUN = RunId.parse("c-oltp:20261122T101112Z-F");

    private final Fixtures.Published published = new Fixtures.Published();
    private final MemoryFactStore facts = new MemoryFactStore();
    private final Map<String, BackupRequested> kept = new HashMap<>();
    private Instant now = Instant.parse("2026-11-22T10:11:12.987654321Z");

    @Test
    void theRunIsNamedAfterTheSecondOfTheRequest() {
        assertThat(ask("key")).isEqualTo(RUN);

        assertThat(published.facts())
                .containsExactly(
                        new BackupRequested(
                                OLTP,
                                BackupKind.FULL,
                                Instant.parse("2026-11-22T10:11:12.987Z"),
                                "op",
                                "key",
                                Duration.ofHours(1)));
        assertThat(facts.rows().runs().byId()).containsOnlyKeys(RUN.toString());
    }

    @Test
    void aRepeatedRequestIsPublishedAgainAsItWasUntilItsRunIsDue() {
        ask("key");
        now = now.plusSeconds(60);

        assertThat(ask("key")).isEqualTo(RUN);
        assertThat(published.facts()).hasSize(2).containsOnly(published.facts().getFirst());

        Instant due = RUN.label().due();
        facts.join(
                Projection.of(
                        new BackupDue(
                                RUN,
                                Tier.OLTP,
                                due,
                                due.plusSeconds(60),
                                DueCause.REQUESTED,
                                Histories.POLICY)),
                Map.of());
        assertThat(ask("key")).isEqualTo(RUN);
        assertThat(published.facts()).hasSize(2);
    }

    @Test
    void aBrokerThatIsAwayLeavesNoRunBehindAndTheSameRequestMayBeMadeAgain() {
        published.fail(new CairnException(ErrorCode.BROKER_UNREACHABLE, "no broker", null));

        assertThatThrownBy(() -> ask("key"))
                .hasFieldOrPropertyWithValue("code", ErrorCode.BROKER_UNREACHABLE);
        assertThat(facts.rows().runs().isEmpty()).isTrue();
    }

    @Test
    void aClusterThatIsNotConfiguredIsUnknown() {
        assertThatThrownBy(() ->
                        requests()
                                .request(new ClusterName("nowhere"), BackupKind.FULL, "key", "op"))
                .hasFieldOrPropertyWithValue("code", ErrorCode.CLUSTER_UNKNOWN);
        assertThat(kept).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void everyKindMayBeAskedFor(BackupKind kind) {
        assertThat(requests().request(OLTP, kind, "key", "op").label().kind()).isEqualTo(kind);
        assertThat(kept).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "line\nbreak", "ü"})
    void aKeyIsPrintableAndWithoutSpaces(String key) {
        assertThatThrownBy(() -> ask(key))
                .hasFieldOrPropertyWithValue("code", ErrorCode.REQUEST_INVALID);
        assertThatThrownBy(() -> ask("k".repeat(129)))
                .hasFieldOrPropertyWithValue("code", ErrorCode.REQUEST_INVALID);
        assertThat(kept).isEmpty();
    }

    private RunId ask(String key) {
        return requests().request(OLTP, BackupKind.FULL, key, "op");
    }

    private BackupRequests requests() {
        return new BackupRequests(
                Fixtures.config(),
                request -> {
                    BackupRequested before = kept.putIfAbsent(request.idempotencyKey(), request);
                    return before == null ? request : before;
                },
                new KnownRuns(),
                facts,
                published,
                () -> now,
                () -> Duration.ofHours(1));
    }

    /** Those of the fact store. */
    private final class KnownRuns implements Runs {

        @Override
        public Page<TrackedRun> find(RunFilter filter, PageRequest page) {
            throw new AssertionError("not asked for");
        }

        @Override
        public Optional<TrackedRun> find(RunId run) {
            return Optional.ofNullable(facts.rows().runs().byId().get(run.toString()))
                    .map(known -> new TrackedRun(known, List.of()));
        }

        @Override
        public Map<Tier, Long> outstanding() {
            throw new AssertionError("not asked for");
        }
    }
}

package io.cairn.catalog.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cairn.catalog.Fixtures;
import io.cairn.catalog.projection.MemoryFactStore;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.storage.Stores;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RebuildsTest {

    private static final Instant NOW = Instant.parse("2026-12-01T00:00:00Z");

    private final Stores empty =
            Fixtures.stores(FakeObjectStore.plain("primary"), FakeObjectStore.plain("secondary"));
    private final CountDownLatch storesAnswer = new CountDownLatch(1);

    @Test
    void whoAsksWhileOneRunsGetsThatOne() {
        Rebuilds rebuilds = rebuilds(this::late);

        Rebuilds.Rebuild first = rebuilds.start();
        Rebuilds.Rebuild second = rebuilds.start();
        assertThat(first.state()).isEqualTo(new Rebuilds.Running());
        assertThat(second.id()).isEqualTo(first.id());

        storesAnswer.countDown();
        await().untilAsserted(() ->
                assertThat(rebuilds.latest().map(Rebuilds.Rebuild::state))
                        .containsInstanceOf(Rebuilds.Completed.class));
        assertThat(rebuilds.start().id()).isNotEqualTo(first.id());
    }

    @Test
    void aStoreThatIsAwayIsTheReasonOfTheFailure() {
        Rebuilds rebuilds =
                rebuilds(name -> {
                    throw new CairnException(
                            ErrorCode.STORE_UNREACHABLE, "no answer from " + name, "start it");
                });

        rebuilds.start();

        assertThat(failure(rebuilds).code()).isEqualTo(ErrorCode.STORE_UNREACHABLE);
    }

    @Test
    void aDefectEndsItAsWell() {
        Rebuilds rebuilds =
                rebuilds(name -> {
                    throw new IllegalStateException("a defect");
                });

        rebuilds.start();

        assertThat(failure(rebuilds).code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void noneIsRememberedBeforeTheFirst() {
        assertThat(rebuilds(empty).latest()).isEmpty();
    }

    private ObjectStore late(StoreName name) {
        try {
            storesAnswer.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return empty.store(name);
    }

    private static CairnException failure(Rebuilds rebuilds) {
        Optional<Rebuilds.State> state =
                await().until(
                                () -> rebuilds.latest().map(Rebuilds.Rebuild::state),
                                now -> now.filter(Rebuilds.Failed.class::isInstance).isPresent());
        return ((Rebuilds.Failed) state.orElseThrow()).reason();
    }

    private static Rebuilds rebuilds(Stores stores) {
        InstantSource clock = InstantSource.fixed(NOW);
        return new Rebuilds(
                new CatalogRebuild(
                        Fixtures.config(),
                        stores,
                        new MemoryFactStore(),
                        clock,
                        new FixedRebuildSettings()),
                clock);
    }
}

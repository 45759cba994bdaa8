package io.cairn.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cairn.model.SystemIdentifier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.TestSource;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FenceIT {

    private TestSource source;

    @BeforeAll
    void startTheServer(@TempDir Path directory) {
        source = TestSource.start(15, directory);
    }

    @AfterAll
    void stopTheServer() {
        source.close();
    }

    @Test
    void onlyOneSessionHoldsItUntilItIsReleased() {
        try (ServerConnection one = source.connect("run-1");
                ServerConnection two = source.connect("run-2")) {
            Fence first = fence(one);
            Fence second = fence(two);
            assertThat(second.holder()).isEmpty();
            assertThat(first.tryAcquire()).isTrue();
            assertThat(second.tryAcquire()).isFalse();
            assertThat(first.isHeld()).isTrue();
            assertThat(second.isHeld()).isFalse();
            assertThat(second.holder())
                    .hasValueSatisfying(holder -> {
                        assertThat(holder.pid()).isEqualTo(one.backendPid());
                        assertThat(holder.applicationName()).isEqualTo("run-1");
                        assertThat(holder.connectedAt()).isPresent();
                    });

            assertThat(first.release()).isTrue();
            assertThat(second.tryAcquire()).isTrue();
            assertThat(first.release()).isFalse();
            assertThat(second.isHeld()).isTrue();
        }
    }

    @Test
    void itEndsWithItsSession() {
        try (ServerConnection two = source.connect("run-2")) {
            try (ServerConnection one = source.connect("run-1")) {
                assertThat(fence(one).tryAcquire()).isTrue();
            }
            Fence second = fence(two);
            await().until(second::tryAcquire);
        }
    }

    @Test
    void aHolderCanBeTerminatedByTheSameRoleAndOnlyWhileItHolds() {
        try (ServerConnection one = source.connect("run-1");
                ServerConnection bystander = source.connect("bystander");
                ServerConnection two = source.connect("run-2")) {
            assertThat(fence(one).tryAcquire()).isTrue();
            Fence second = fence(two);

            assertThat(second.terminateHolder(bystander.backendPid())).isFalse();
            assertThat(bystander.value("SELECT 'alive'")).isEqualTo("alive");
            assertThat(second.terminateHolder(one.backendPid())).isTrue();

            assertThat(second.tryAcquire()).isTrue();
            assertThatThrownBy(() -> fence(one))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e ->
                                    assertThat(e.code())
                                            .isEqualTo(ErrorCode.POSTGRES_CONNECTION_LOST));
        }
    }

    @Test
    void anotherClustersKeyIsAnotherFence() {
        assertThat(Fence.key(new SystemIdentifier(1)))
                .isNotEqualTo(Fence.key(new SystemIdentifier(2)));
        // Sessions of different releases of Cairn must exclude each other, so the key never
        // changes.
        assertThat(Fence.key(SystemIdentifier.parse("7412345678901234567")))
                .isEqualTo(0x209359B58C8A50FFL);
        try (ServerConnection one = source.connect("run-1");
                ServerConnection two = source.connect("run-2")) {
            assertThat(new Fence(one, new SystemIdentifier(1)).tryAcquire()).isTrue();
            assertThat(new Fence(two, new SystemIdentifier(-1)).tryAcquire()).isTrue();
        }
    }

    private static Fence fence(ServerConnection session) {
        return new Fence(session, session.identify().systemIdentifier());
    }
}

package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.events.BackupLocked;
import io.cairn.events.EventObject;
import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LockRecordsTest {

    private static final BackupLayout LAYOUT =
            new BackupLayout(
                    new ClusterRoot(
                            new ClusterName("shop"), new SystemIdentifier(7412345678901234567L)),
                    new BackupLabel("20261122T020000Z-F"));
    private static final RunId RUN = new RunId(LAYOUT.root().cluster(), LAYOUT.label());
    private static final AttemptId ATTEMPT = new AttemptId("00000000000000aa");
    private static final StoreName SECONDARY = new StoreName("secondary");
    private static final Instant AT = Instant.parse("2026-11-22T03:00:00Z");

    private final FakeObjectStore primary = FakeObjectStore.plain("primary");
    private final FakeObjectStore away = FakeObjectStore.plain("secondary");
    private final List<String> notes = new ArrayList<>();

    private void record(AttemptId attempt, int days) {
        EventObject object =
                EventObject.of(
                        new BackupLocked(
                                RUN,
                                attempt,
                                SECONDARY,
                                ObjectLockMode.GOVERNANCE,
                                AT.plus(Duration.ofDays(days)),
                                AT,
                                7));
        primary.putIfAbsent(
                        object.key(LAYOUT.root(), EventObject.LOCKS, LAYOUT.label()),
                        ObjectBody.of(object.toJson()))
                .orThrow();
    }

    @Test
    void ofACopysLocksTheOneThatEndsLastIsShownWhicheverStoreRecordsIt() {
        record(ATTEMPT, 92);
        record(ATTEMPT, 122);
        record(new AttemptId("00000000000000bb"), 400);
        away.failAlways(ErrorCode.STORE_UNREACHABLE);

        assertThat(new LockRecords(List.of(primary, away), notes::add).of(LAYOUT, ATTEMPT))
                .containsOnlyKeys(SECONDARY)
                .hasEntrySatisfying(
                        SECONDARY,
                        lock -> assertThat(lock.until()).isEqualTo(AT.plus(Duration.ofDays(122))));
        assertThat(notes).singleElement().asString().contains("secondary");
    }
}

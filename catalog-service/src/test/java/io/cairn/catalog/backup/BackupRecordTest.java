package io.cairn.catalog.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.catalog.Histories;
import io.cairn.catalog.projection.Projection;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventObject;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.ClusterRoot;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackupRecordTest {

    @Test
    void anObjectGivesBackTheEventItWasWrittenOf() {
        List<CairnEvent> events =
                Histories.of(new Random(7), 60).events().stream()
                        .filter(event -> !Projection.of(event).records().isEmpty())
                        .toList();

        assertThat(events)
                .hasSizeGreaterThan(20)
                .allSatisfy(event -> {
                    BackupRecord record =
                            Projection.of(event).records().byId().values().iterator().next();
                    assertThat(
                                    EventObject.read(
                                            record.object().toJson(),
                                            record.key(root(record)),
                                            record.store()))
                            .isEqualTo(event);
                    assertThat(record.key(root(record)).value())
                            .startsWith(
                                    record.run().cluster()
                                            + "/7301234567890123456/records/"
                                            + record.what()
                                            + "/"
                                            + record.run().label()
                                            + "/")
                            .endsWith(".json");
                });
    }

    @Test
    void theSameFactIsTheSameObjectWhoeverWritesIt() {
        CairnEvent event =
                Histories.of(new Random(7), 60).events().stream()
                        .filter(told -> !Projection.of(told).records().isEmpty())
                        .findFirst()
                        .orElseThrow();

        BackupRecord one = Projection.of(event).records().byId().values().iterator().next();
        BackupRecord other = Projection.of(event).records().byId().values().iterator().next();

        assertThat(one.object().toJson()).isEqualTo(other.object().toJson());
        assertThat(one.key(root(one))).isEqualTo(other.key(root(other)));
    }

    private static ClusterRoot root(BackupRecord record) {
        return new ClusterRoot(
                record.run().cluster(), SystemIdentifier.parse("7301234567890123456"));
    }
}

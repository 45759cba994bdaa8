package io.cairn.catalog.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.catalog.CatalogServers;
import io.cairn.catalog.Histories;
import io.cairn.catalog.projection.FactSet;
import io.cairn.catalog.projection.FactStore;
import io.cairn.catalog.projection.Projection;
import io.cairn.events.CairnEvent;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.server.LocalServer;
import io.quarkus.scheduler.Scheduler;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(CatalogServers.class)
class SqlFactStoreIT {

    private static final List<String> TABLES =
            List.of(
                    "cluster",
                    "run",
                    "attempt",
                    "backup",
                    "copy",
                    "backup_record",
                    "store_lag",
                    "assessment",
                    "archived_wal",
                    "wal_gap",
                    "timeline_switch");

    @Inject FactStore store;
    @Inject Scheduler rounds;

    LocalServer postgres;

    /** A record that became an object meanwhile would be one that a rebuild has to find there. */
    @BeforeEach
    void pauseRounds() {
        rounds.pause();
    }

    @AfterEach
    void resumeRounds() {
        rounds.resume();
    }

    @BeforeEach
    void empty() throws SQLException {
        for (String table : TABLES) {
            // The histories' clusters only: others may be watched by other tests.
            postgres.execute("postgres", "delete from " + table + " where id like 'c-%'");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void anyOrderRepetitionAndBatchingOfEventsEndsInTheSameRows(long seed) throws SQLException {
        Random random = new Random(seed);
        List<CairnEvent> told = Histories.of(random, 12).events();
        told.forEach(event -> store.join(Projection.of(event), Map.of()));
        Map<String, List<String>> inOrder = rows();

        empty();
        List<CairnEvent> shuffled = new ArrayList<>(told);
        shuffled.addAll(told.subList(0, told.size() / 2));
        Collections.shuffle(shuffled, random);
        for (int from = 0; from < shuffled.size(); ) {
            int to = Math.min(shuffled.size(), from + 1 + random.nextInt(7));
            store.join(facts(shuffled.subList(from, to)), Map.of());
            from = to;
        }

        assertThat(rows()).isEqualTo(inOrder);
        assertThat(inOrder.get("run")).isNotEmpty();
        assertThat(inOrder.get("copy")).isNotEmpty();
        assertThat(inOrder.get("archived_wal")).isNotEmpty();
    }

    @Test
    void writersThatMeetLoseNothing() throws Exception {
        List<CairnEvent> told = Histories.of(new Random(9), 20).events();
        store.join(facts(told), Map.of());
        Map<String, List<String>> alone = rows();

        empty();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                List<CairnEvent> mine = new ArrayList<>(told);
                Collections.shuffle(mine, new Random(i));
                writers.add(
                        threads.submit(() -> {
                            for (int from = 0; from < mine.size(); from += 10) {
                                store.join(
                                        facts(mine.subList(from, Math.min(mine.size(), from + 10))),
                                        Map.of());
                            }
                        }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        }

        assertThat(rows()).isEqualTo(alone);
    }

    @Test
    void howFarATopicIsReadIsKeptWithTheFacts() {
        TopicPartition partition = new TopicPartition("test.topic", 2);

        store.join(FactSet.EMPTY, Map.of(partition, 5L));
        store.join(FactSet.EMPTY, Map.of(partition, 9L));

        assertThat(store.projected()).containsEntry(partition, 9L);
    }

    @Test
    void aRebuildKeepsWhatOnlyEventsKnowAndRecordsThatAreNotObjectsYet() throws SQLException {
        List<CairnEvent> told = Histories.of(new Random(11), 12).events();
        store.join(facts(told), Map.of());
        Map<String, List<String>> before = rows();

        store.replaceBackups(() ->
                facts(
                        told.stream()
                                .filter(event -> Projection.of(event).records().isEmpty())
                                .toList()));

        assertThat(rows()).isEqualTo(before);
    }

    @Test
    void aRebuildThatFailsLeavesEveryRow() throws SQLException {
        store.join(facts(Histories.of(new Random(12), 12).events()), Map.of());
        Map<String, List<String>> before = rows();

        assertThatThrownBy(() ->
                        store.replaceBackups(() -> {
                            throw new CairnException(ErrorCode.STORE_UNREACHABLE, "no store", null);
                        }))
                .hasMessage("no store");

        assertThat(rows()).isEqualTo(before);
    }

    private static FactSet facts(List<CairnEvent> events) {
        return FactSet.joined(events.stream().map(Projection::of).toList());
    }

    /** Every row as JSON, by table; whether a record is an object yet is bookkeeping. */
    private Map<String, List<String>> rows() throws SQLException {
        Map<String, List<String>> rows = new TreeMap<>();
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                List<String> found = new ArrayList<>();
                try (ResultSet result =
                        statement.executeQuery(
                                "select to_jsonb(t) - 'stored' from "
                                        + table
                                        + " t where id like 'c-%' order by id")) {
                    while (result.next()) {
                        found.add(result.getString(1));
                    }
                }
                rows.put(table, found);
            }
        }
        return rows;
    }
}

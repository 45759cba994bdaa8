package io.cairn.catalog.projection;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.catalog.Histories;
import io.cairn.catalog.fact.Fact;
import io.cairn.catalog.fact.FactMap;
import io.cairn.catalog.run.RunState;
import io.cairn.events.CairnEvent;
import io.cairn.events.MonitoringCheckDue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ProjectionTest {

    @Property(tries = 300)
    void anyOrderAndRepetitionOfEventsEndsInTheSameRows(@ForAll long seed) {
        Random random = new Random(seed);
        List<CairnEvent> told = Histories.of(random, 8).events();
        FactSet inOrder = project(told);

        List<CairnEvent> shuffled = new ArrayList<>(told);
        for (int i = random.nextInt(told.size()); i > 0; i--) {
            shuffled.add(told.get(random.nextInt(told.size())));
        }
        Collections.shuffle(shuffled, random);

        assertThat(project(shuffled)).isEqualTo(inOrder);
    }

    @Property(tries = 100)
    void joiningIsCommutativeAssociativeAndIdempotent(@ForAll long seed) {
        Random random = new Random(seed);
        List<CairnEvent> told = Histories.of(random, 4).events();
        FactSet a = project(some(told, random));
        FactSet b = project(some(told, random));
        FactSet c = project(some(told, random));

        assertThat(a.join(b)).isEqualTo(b.join(a));
        assertThat(a.join(b).join(c)).isEqualTo(a.join(b.join(c)));
        assertThat(a.join(a)).isEqualTo(a);
        assertThat(FactSet.joined(List.of(a, b, c))).isEqualTo(a.join(b).join(c));
    }

    @Test
    void theHistoriesAreWorthTheProperty() {
        FactSet facts = project(Histories.of(new Random(1), 200).events());
        Set<RunState> states =
                facts.runs().byId().values().stream()
                        .map(run -> run.state())
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(RunState.class)));

        assertThat(states).isEqualTo(EnumSet.allOf(RunState.class));
        assertThat(
                        Stream.of(
                                facts.clusters(),
                                facts.attempts(),
                                facts.backups(),
                                facts.copies(),
                                facts.records(),
                                facts.lags(),
                                facts.assessments(),
                                facts.wal().archived(),
                                facts.wal().gaps(),
                                facts.wal().switches()))
                .noneMatch(FactMap::isEmpty);
    }

    @Test
    void everyFactOfTheHistoriesIsKeptUnderItsOwnId() {
        FactSet facts = project(Histories.of(new Random(2), 50).events());

        facts.copies()
                .byId()
                .forEach((id, copy) -> assertThat(((Fact<?>) copy).id()).isEqualTo(id));
        facts.runs().byId().forEach((id, run) -> assertThat(run.id()).isEqualTo(id));
    }

    @Test
    void maintenanceTellsNothingAboutAnyCluster() {
        Instant due = Instant.parse("2026-11-22T02:45:00Z");

        assertThat(Projection.of(new MonitoringCheckDue(due, due.plusSeconds(900))))
                .isEqualTo(FactSet.EMPTY);
    }

    private static List<CairnEvent> some(List<CairnEvent> events, Random random) {
        return events.stream().filter(_ -> random.nextInt(3) > 0).toList();
    }

    private static FactSet project(List<CairnEvent> events) {
        return events.stream().map(Projection::of).reduce(FactSet.EMPTY, FactSet::join);
    }
}

package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Following a run: to its end, over an absence of the catalog, and not for ever. */
@Timeout(30)
class RunFollowerIT {

    private static final String RUN = "shop:20261122T020000Z-F";
    private static final String AGAIN = "cairn backup shop --idempotency-key k";

    /** The clock goes on by a second each time it is looked at. */
    private static final RunFollower.Limits LIMITS =
            new RunFollower.Limits(
                    Duration.ofMillis(1), Duration.ofSeconds(20), Duration.ofSeconds(60));

    /** Answers that together last longer than any limit. */
    private static final int MANY = 80;

    private static final String COMPLETED = "{\"state\": \"completed\"}";

    @Test
    void aRunWhoseExecutorDiedIsNotFollowedForEver() throws Exception {
        assertStalls(
                running(400), RUN, "running on executor-2", "1 min 00 s", "is not given up", AGAIN);
    }

    @Test
    void aRunThatNobodyEverSawIsNotFollowedForEver() throws Exception {
        assertStalls("{\"state\": \"queued\", \"startDeadline\": null}", RUN, "is queued");
    }

    @Test
    void aRunWhoseBytesGoOnIsFollowedToItsEnd() throws Exception {
        List<String> answers =
                new ArrayList<>(IntStream.range(0, MANY).mapToObj(RunFollowerIT::running).toList());
        answers.add(COMPLETED);

        assertThat(follow(answers).path("state").asText()).isEqualTo("completed");
    }

    @Test
    void aRunThatWaitsItsTurnIsFollowedUntilItsStartDeadline() throws Exception {
        String waiting = "{\"state\": \"queued\", \"startDeadline\": \"2026-11-22T08:00:00Z\"}";
        List<String> answers = new ArrayList<>(Collections.nCopies(MANY, waiting));
        answers.add(COMPLETED);

        assertThat(follow(answers).path("state").asText()).isEqualTo("completed");
    }

    @Test
    void aCatalogThatRestartsIsWaitedFor() throws Exception {
        JsonNode end =
                follow(List.of(running(1), ScriptedCatalog.AWAY, ScriptedCatalog.AWAY, COMPLETED));

        assertThat(end.path("state").asText()).isEqualTo("completed");
    }

    @Test
    void aCatalogThatStaysAwayEndsTheFollowingAndNotTheRun() throws Exception {
        try (ScriptedCatalog catalog = new ScriptedCatalog(running(1), ScriptedCatalog.AWAY)) {
            assertThatThrownBy(() -> follower(catalog).follow(RUN))
                    .asInstanceOf(type(CairnException.class))
                    .satisfies(e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_UNREACHABLE);
                        assertThat(e.messageWithHint())
                                .contains(catalog.url(), RUN + " goes on", AGAIN);
                    });
        }
    }

    private static void assertStalls(String answer, String... said) throws IOException {
        try (ScriptedCatalog catalog = new ScriptedCatalog(answer)) {
            assertThatThrownBy(() -> follower(catalog).follow(RUN))
                    .asInstanceOf(type(CairnException.class))
                    .satisfies(e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.RUN_STALLED);
                        assertThat(e.messageWithHint()).contains(said);
                    });
        }
    }

    private static JsonNode follow(List<String> answers) throws Exception {
        try (ScriptedCatalog catalog = new ScriptedCatalog(answers)) {
            return follower(catalog).follow(RUN);
        }
    }

    private static RunFollower follower(ScriptedCatalog catalog) {
        return new RunFollower(new CatalogClient(catalog.uri()), LIMITS, ticking(), AGAIN);
    }

    private static InstantSource ticking() {
        return new InstantSource() {
            private Instant now = Instant.parse("2026-11-22T02:00:00Z");

            @Override
            public Instant instant() {
                now = now.plusSeconds(1);
                return now;
            }
        };
    }

    private static String running(int bytes) {
        return "{\"state\": \"running\", \"executor\": \"executor-2\", \"bytesDone\": "
                + bytes
                + ", \"bytesTotal\": 1000, \"progressedAt\": \"NOW\"}";
    }
}

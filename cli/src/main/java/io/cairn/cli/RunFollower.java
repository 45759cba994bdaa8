package io.cairn.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Follows a run through the catalog to its end, and no longer than it makes sense. A run belongs to
 * the scheduler and the executors: whoever stops to follow it changes nothing about it, and is told
 * so.
 */
final class RunFollower {

    /**
     * How long is waited.
     *
     * @param poll between two questions
     * @param outage how long the catalog may be away, as it is while it restarts
     * @param stall how long nothing of a run may change, neither its state nor its bytes
     */
    record Limits(Duration poll, Duration outage, Duration stall) {

        static Limits stallingAfter(Duration stall) {
            return new Limits(Duration.ofMillis(500), Duration.ofSeconds(30), stall);
        }
    }

    private final CatalogClient client;
    private final Limits limits;
    private final InstantSource clock;
    private final String again;

    /**
     * @param again the command that follows the same run again
     */
    RunFollower(CatalogClient client, Limits limits, InstantSource clock, String again) {
        this.client = client;
        this.limits = limits;
        this.clock = clock;
        this.again = again;
    }

    /**
     * The run as the catalog shows it at its end.
     *
     * @throws CairnException {@link ErrorCode#RUN_DEADLINE_PASSED} if nobody took it in time,
     *     {@link ErrorCode#RUN_STALLED} if nothing of it changes any more, {@link
     *     ErrorCode#SERVICE_UNREACHABLE} if the catalog stays away
     */
    JsonNode follow(String run) throws InterruptedException {
        String path = "/runs/" + URLEncoder.encode(run, StandardCharsets.UTF_8);
        JsonNode seen = NullNode.instance;
        Instant answered = clock.instant();
        Instant moved = answered;
        try (Progress progress = Progress.onStandardError(run)) {
            while (true) {
                try {
                    JsonNode state = client.get(path);
                    answered = clock.instant();
                    progress.update(
                            state.path("bytesDone").asLong(), state.path("bytesTotal").asLong());
                    if (isEnd(state)) {
                        return state;
                    }
                    requireInTime(run, state);
                    JsonNode now = withoutTime(state);
                    if (!now.equals(seen) || waitsForItsDeadline(state)) {
                        seen = now;
                        moved = answered;
                    }
                    requireMoving(run, state, moved);
                } catch (CairnException e) {
                    requireBack(run, e, answered);
                }
                Thread.sleep(limits.poll());
            }
        }
    }

    private static boolean isEnd(JsonNode state) {
        return switch (state.path("state").asText()) {
            case "completed", "failed", "skipped", "superseded" -> true;
            default -> false;
        };
    }

    /** That an executor is alive is no progress. */
    private static JsonNode withoutTime(JsonNode state) {
        return state instanceof ObjectNode object
                ? object.deepCopy().without("progressedAt")
                : state;
    }

    /** A run waits its turn behind others of its cluster; the deadline is its limit. */
    private static boolean waitsForItsDeadline(JsonNode state) {
        return state.path("state").asText().equals("queued") && state.hasNonNull("startDeadline");
    }

    private static void requireInTime(String run, JsonNode state) {
        if (state.path("overdue").asBoolean()) {
            throw new CairnException(
                    ErrorCode.RUN_DEADLINE_PASSED,
                    "no executor took "
                            + run
                            + " until its start deadline, "
                            + state.path("startDeadline").asText(),
                    "see whether the scheduler and an executor of the tier run");
        }
    }

    private void requireMoving(String run, JsonNode state, Instant moved) {
        if (!passed(moved, limits.stall())) {
            return;
        }
        String executor = state.path("executor").asText("");
        throw new CairnException(
                ErrorCode.RUN_STALLED,
                "%s is %s%s, and nothing of it has changed for %s; it is not given up, only no longer followed"
                        .formatted(
                                run,
                                state.path("state").asText(),
                                executor.isEmpty() ? "" : " on " + executor,
                                Format.duration(limits.stall())),
                "see whether that executor is alive and another of the tier runs; to follow it again: "
                        + again);
    }

    private void requireBack(String run, CairnException failure, Instant answered) {
        boolean away =
                failure.category() == ErrorCategory.TRANSIENT
                        && failure.code() != ErrorCode.RUN_STALLED;
        if (away && !passed(answered, limits.outage())) {
            return;
        }
        if (!away) {
            throw failure;
        }
        throw new CairnException(
                failure.code(),
                failure.getMessage() + "; " + run + " goes on without it",
                "when the catalog is back, follow it again: " + again,
                failure);
    }

    private boolean passed(Instant since, Duration limit) {
        return Duration.between(since, clock.instant()).compareTo(limit) >= 0;
    }
}

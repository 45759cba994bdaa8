package io.cairn.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** One run on its way to a protected backup, as the catalog tells of it. */
final class FollowedRun {

    /** What happens to a run until its backup is protected; the last three in any order. */
    private enum Step {
        DUE,
        RUNNING,
        CATALOGUED,
        VALIDATED,
        DRILLED,
        COPIED
    }

    private final CatalogApi catalog;
    private final SampleCluster sample;
    private final String run;
    private final Set<Step> reached = EnumSet.noneOf(Step.class);

    private String now = "asked for";
    private Optional<JsonNode> backup = Optional.empty();

    FollowedRun(CatalogApi catalog, SampleCluster sample, String run) {
        this.catalog = catalog;
        this.sample = sample;
        this.run = run;
    }

    SampleCluster sample() {
        return sample;
    }

    String label() {
        return run.substring(run.indexOf(':') + 1);
    }

    /** Whether nothing is left to wait for. */
    boolean isProtected() {
        return reached.containsAll(EnumSet.allOf(Step.class))
                && backup().path("state").asText().equals("protected");
    }

    /** The backup as the catalog last told of it. */
    JsonNode backup() {
        return backup.orElseThrow();
    }

    /** Where it stands, in few words. */
    String now() {
        return sample.tier() + " " + now;
    }

    /**
     * Asks the catalog again.
     *
     * @return the steps that were reached since, in words
     * @throws IllegalStateException when it cannot become a protected backup any more
     */
    List<String> ask() throws IOException, InterruptedException {
        List<String> news = new ArrayList<>();
        Optional<JsonNode> told = catalog.findRun(run);
        if (told.isPresent()) {
            askRun(told.get(), news);
        }
        return news;
    }

    private void askRun(JsonNode told, List<String> news) throws IOException, InterruptedException {
        String state = told.path("state").asText();
        switch (state) {
            case "queued" -> reach(Step.DUE, "due", news);
            case "running" -> {
                reach(Step.DUE, "due", news);
                reach(Step.RUNNING, "backing up", news);
                now = percent(told);
            }
            case "completed" -> {
                reach(Step.DUE, "due", news);
                reach(Step.RUNNING, "backing up", news);
                askBackup(news);
            }
            default ->
                    throw new IllegalStateException(
                            run
                                    + " "
                                    + state
                                    + ": "
                                    + told.at("/error/message").asText(told.path("reason").asText())
                                    + told.at("/error/hint")
                                            .asText("")
                                            .transform(FollowedRun::hint));
        }
    }

    private void askBackup(List<String> news) throws IOException, InterruptedException {
        JsonNode seen = catalog.backup(sample.id(), label());
        backup = Optional.of(seen);
        String sizes =
                megabytes(seen.path("bytesIn").asLong())
                        + " in, "
                        + megabytes(seen.path("bytesStored").asLong())
                        + " stored";
        reach(Step.CATALOGUED, "backed up and catalogued, " + sizes, news);
        refuseUnusable(seen);
        if (anyCopy(copy -> copy.has("validatedAt"))) {
            reach(Step.VALIDATED, "validated, every stored byte", news);
        }
        Duration rto = longest("rto");
        if (anyCopy(copy -> copy.has("drilledAt"))) {
            reach(Step.DRILLED, "drilled: restored and booted in " + seconds(rto), news);
        }
        if (copies().filter(copy -> copy.path("required").asBoolean())
                .allMatch(copy -> copy.has("completeAt"))) {
            reach(Step.COPIED, "copied, " + seconds(longest("lag")) + " behind", news);
        }
        now = isProtected() ? "protected" : "waits for " + missing();
    }

    private void reach(Step step, String words, List<String> news) {
        now = words;
        if (reached.add(step)) {
            news.add(words);
        }
    }

    private String missing() {
        List<String> missing = new ArrayList<>();
        if (!reached.contains(Step.VALIDATED)) {
            missing.add("validation");
        }
        if (!reached.contains(Step.DRILLED)) {
            missing.add("drill");
        }
        if (!reached.contains(Step.COPIED)) {
            missing.add("copy");
        }
        return String.join(", ", missing);
    }

    private void refuseUnusable(JsonNode seen) {
        String state = seen.path("state").asText();
        if (state.equals("invalid") || state.equals("damaged")) {
            throw new IllegalStateException(run + " is " + state + ": " + seen.path("copies"));
        }
        if (anyCopy(copy -> copy.has("drillSkipped"))) {
            throw new IllegalStateException(
                    run + " could not be drilled: " + seen.findValue("drillSkipped").asText());
        }
    }

    private static String percent(JsonNode told) {
        long done = told.path("bytesDone").asLong();
        long total = told.path("bytesTotal").asLong();
        return total <= 0
                ? "backing up"
                : "backing up %d %%".formatted(Math.min(100, 100 * done / total));
    }

    private static String hint(String hint) {
        return hint.isEmpty() ? "" : " hint: " + hint;
    }

    private boolean anyCopy(Predicate<JsonNode> predicate) {
        return copies().anyMatch(predicate);
    }

    private Stream<JsonNode> copies() {
        return StreamSupport.stream(backup().path("copies").spliterator(), false);
    }

    /** The longest of a copies' field. */
    private Duration longest(String field) {
        return copies().filter(copy -> copy.has(field))
                .map(copy -> Duration.parse(copy.path(field).asText()))
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    /** The row of the table: tier, label, bytes in, bytes stored, MB/s, drill RTO, lag. */
    List<String> row() {
        JsonNode seen = backup();
        return List.of(
                sample.tier().id(),
                label(),
                megabytes(seen.path("bytesIn").asLong()),
                megabytes(seen.path("bytesStored").asLong()),
                rate(seen),
                seconds(longest("rto")),
                seconds(longest("lag")));
    }

    private static String rate(JsonNode backup) {
        Duration took =
                Duration.between(
                        Instant.parse(backup.path("startedAt").asText()),
                        Instant.parse(backup.path("completedAt").asText()));
        return String.format(
                Locale.ROOT,
                "%.0f",
                backup.path("bytesIn").asLong() / 1e3 / Math.max(1, took.toMillis()));
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}

package io.cairn.catalog.rebuild.rest;

import io.cairn.catalog.rebuild.CatalogRebuild;
import io.cairn.catalog.rebuild.Rebuilds;
import io.cairn.catalog.rebuild.Unreadable;
import io.cairn.catalog.rest.ErrorView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A rebuild of the catalog.
 *
 * @param id which rebuild; changes when another one begins
 * @param state none (since the service started), running, completed or failed; a failed one has
 *     changed nothing
 * @param objectsFound commit objects and records that were listed so far
 * @param objectsRead of those, the ones that were read
 */
record RebuildView(
        Optional<String> id,
        String state,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        long objectsFound,
        long objectsRead,
        Optional<Rebuilt> result,
        Optional<ErrorView> error) {

    static RebuildView none() {
        return new RebuildView(
                Optional.empty(),
                "none",
                Optional.empty(),
                Optional.empty(),
                0,
                0,
                Optional.empty(),
                Optional.empty());
    }

    static RebuildView of(Rebuilds.Rebuild rebuild) {
        return switch (rebuild.state()) {
            case Rebuilds.Running _ ->
                    of(rebuild, "running", Optional.empty(), Optional.empty(), Optional.empty());
            case Rebuilds.Completed(Instant at, CatalogRebuild.Report report) ->
                    of(
                            rebuild,
                            "completed",
                            Optional.of(at),
                            Optional.of(Rebuilt.of(report)),
                            Optional.empty());
            case Rebuilds.Failed(Instant at, var reason) ->
                    of(
                            rebuild,
                            "failed",
                            Optional.of(at),
                            Optional.empty(),
                            Optional.of(
                                    ErrorView.of(
                                            reason.code(),
                                            reason.getMessage(),
                                            reason.hint(),
                                            at)));
        };
    }

    private static RebuildView of(
            Rebuilds.Rebuild rebuild,
            String state,
            Optional<Instant> endedAt,
            Optional<Rebuilt> result,
            Optional<ErrorView> error) {
        return new RebuildView(
                Optional.of(rebuild.id()),
                state,
                Optional.of(rebuild.startedAt()),
                endedAt,
                rebuild.objectsFound(),
                rebuild.objectsRead(),
                result,
                error);
    }

    /**
     * What was found in the buckets.
     *
     * @param incomplete copies whose commit object is there and some parts are not
     * @param unreadable objects that are not what their key says
     */
    record Rebuilt(
            int backups,
            int records,
            List<IncompleteView> incomplete,
            List<UnreadableView> unreadable) {

        static Rebuilt of(CatalogRebuild.Report report) {
            return new Rebuilt(
                    report.backups(),
                    report.records(),
                    report.incomplete().stream().map(IncompleteView::of).toList(),
                    report.unreadable().stream().map(UnreadableView::of).toList());
        }
    }

    record IncompleteView(String store, String run, int missing) {

        static IncompleteView of(CatalogRebuild.Incomplete copy) {
            return new IncompleteView(copy.store().value(), copy.run(), copy.missing());
        }
    }

    record UnreadableView(String store, String key, String code, String message) {

        static UnreadableView of(Unreadable object) {
            return new UnreadableView(
                    object.store().value(),
                    object.key().value(),
                    object.reason().code().name(),
                    object.reason().getMessage());
        }
    }
}

package io.cairn.catalog.retention.rest;

import io.cairn.catalog.retention.CleanUp;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What came of an expiration. */
public record ExpirationView(String cluster, List<Life> lives) {

    /**
     * @param expired labels
     * @param objects deleted in all stores together
     * @param retained what a lock did not let go
     * @param message why it was held
     */
    public record Life(
            String systemIdentifier,
            @Schema(enumeration = {"applied", "held"}) String outcome,
            List<String> expired,
            long objects,
            long bytes,
            List<Retained> retained,
            Optional<String> message,
            Optional<String> hint) {}

    public record Retained(String store, String key, Optional<Instant> until) {}

    static ExpirationView of(ClusterName cluster, List<CleanUp> done) {
        return new ExpirationView(
                cluster.value(), done.stream().map(ExpirationView::life).toList());
    }

    private static Life life(CleanUp done) {
        String system = done.proposal().plan().root().systemIdentifier().toString();
        return switch (done) {
            case CleanUp.Applied applied ->
                    new Life(
                            system,
                            "applied",
                            applied.expired().stream().map(BackupLabel::value).toList(),
                            applied.objects(),
                            applied.bytes(),
                            applied.retained().stream()
                                    .map(one ->
                                            new Retained(
                                                    one.store().value(),
                                                    one.key().value(),
                                                    one.until()))
                                    .toList(),
                            Optional.empty(),
                            Optional.empty());
            case CleanUp.Held held ->
                    new Life(
                            system,
                            "held",
                            List.of(),
                            0,
                            0,
                            List.of(),
                            Optional.of(held.message()),
                            Optional.of(held.hint()));
        };
    }
}

package io.cairn.catalog.sql;

import io.cairn.catalog.paging.Cursor;
import io.cairn.model.AttemptId;
import java.util.Optional;

/**
 * The order of lists: by label, newest first, then cluster and attempt; and the condition to
 * continue behind a row.
 */
final class NewestFirst {

    static final String RUNS = " order by r.label desc, r.cluster";
    static final String BACKUPS = " order by r.label desc, r.cluster, r.attempt";

    private NewestFirst() {}

    static void runsAfter(Optional<Cursor> cursor, Conditions conditions) {
        cursor.ifPresent(after ->
                conditions
                        .and(
                                "r.label < :afterLabel or r.label = :afterLabel and r.cluster > :afterCluster")
                        .with("afterLabel", after.label().value())
                        .with("afterCluster", after.cluster().value()));
    }

    static void backupsAfter(Optional<Cursor> cursor, Conditions conditions) {
        cursor.ifPresent(after ->
                conditions
                        .and(
                                """
                                r.label < :afterLabel or r.label = :afterLabel and (r.cluster > :afterCluster
                                or r.cluster = :afterCluster and r.attempt > :afterAttempt)\
                                """)
                        .with("afterLabel", after.label().value())
                        .with("afterCluster", after.cluster().value())
                        .with("afterAttempt", after.attempt().map(AttemptId::value).orElse("")));
    }
}

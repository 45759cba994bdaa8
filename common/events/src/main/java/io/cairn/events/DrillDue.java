package io.cairn.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * A part of the daily validation, to be done by whichever validator is free. What is drilled or
 * read follows from this event and the store alone, so that whoever is given it again does the
 * same.
 *
 * @param store whose copy is meant first
 * @param dueAt of the validation that this is a part of
 * @param startDeadline the work is skipped when it cannot start before
 * @param systemIdentifier of {@code label}'s cluster; only with {@link Work#VERIFY}
 * @param label of the backup; only with {@link Work#VERIFY}
 */
public record DrillDue(
        ClusterName cluster,
        StoreName store,
        Work work,
        Instant dueAt,
        Instant startDeadline,
        Optional<SystemIdentifier> systemIdentifier,
        Optional<BackupLabel> label)
        implements CairnEvent {

    /** What is to be done. */
    public enum Work {
        /** The newest chain is restored with the WAL behind it, to a moment in that. */
        POINT_IN_TIME,
        /** The backups of a store whose turn it is are to be read again: each becomes due. */
        REREAD,
        /** One backup is read again. */
        VERIFY;

        @JsonValue
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        @JsonCreator
        public static Work parse(String id) {
            return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    @Override
    public String deterministicId() {
        return cluster
                + ":"
                + label.map(name -> name + ":").orElse("")
                + store
                + ":"
                + work.id()
                + "-due:"
                + dueAt;
    }
}

package io.cairn.catalog.paging;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a page ended: the id of its last row, {@code shop:20261122T020000Z-F[:<attempt>]}. Lists go
 * by label, newest first, then by cluster and attempt; a cursor stays good whatever is added
 * meanwhile.
 */
public record Cursor(ClusterName cluster, BackupLabel label, Optional<AttemptId> attempt) {

    /**
     * @throws CairnException {@link ErrorCode#REQUEST_INVALID}
     */
    public static Cursor parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw invalid(text, null);
        }
        try {
            return new Cursor(
                    new ClusterName(parts[0]),
                    new BackupLabel(parts[1]),
                    parts.length == 3 ? Optional.of(new AttemptId(parts[2])) : Optional.empty());
        } catch (CairnException e) {
            throw invalid(text, e);
        }
    }

    private static CairnException invalid(String text, @Nullable CairnException cause) {
        return new CairnException(
                ErrorCode.REQUEST_INVALID,
                "'" + text + "' is not a cursor",
                "take it from the member 'next' of the page before",
                cause);
    }

    @Override
    public String toString() {
        return cluster + ":" + label + attempt.map(id -> ":" + id).orElse("");
    }
}

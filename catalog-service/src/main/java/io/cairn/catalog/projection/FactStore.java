package io.cairn.catalog.projection;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;

/**
 * Where facts become rows. Blocking; thread-safe, also between processes: one transaction writes at
 * a time.
 *
 * <p>Every method throws {@link CairnException} with {@link ErrorCode#SERVICE_UNREACHABLE} if the
 * database does not answer.
 */
public interface FactStore {

    /**
     * Joins facts with the rows, and says how far the topics are read, in one transaction.
     *
     * @param next the offset behind the last record of each partition that the facts are from
     */
    void join(FactSet facts, Map<TopicPartition, Long> next);

    /** How far each partition is projected; a partition that is not in it never was. */
    Map<TopicPartition, Long> projected();

    /**
     * Empties what the buckets tell of (backups, copies, the ranges of WAL, and the records that
     * are stored as objects) and fills it again, in one transaction: readers see the old rows until
     * the new ones are complete, and no event is projected meanwhile.
     *
     * @param found reads the buckets; called when projection stands still
     */
    void replaceBackups(Supplier<FactSet> found);
}

package io.cairn.replication.region;

import io.cairn.model.ClusterName;
import io.cairn.model.error.CairnException;
import io.cairn.storage.ObjectStore;
import java.util.List;

/** Compares all that two stores hold of a cluster; changes nothing. */
@FunctionalInterface
public interface SidesIdentical {

    /**
     * @param objects how many were compared
     * @param differences how many a store lacks or has otherwise
     * @param examples the first of them, for people
     */
    record Comparison(long objects, long differences, List<String> examples) {

        public Comparison {
            examples = List.copyOf(examples);
        }
    }

    /**
     * @throws CairnException a {@code STORE_…} code, if one cannot be used now
     */
    Comparison compare(ClusterName cluster, ObjectStore one, ObjectStore other)
            throws InterruptedException;
}

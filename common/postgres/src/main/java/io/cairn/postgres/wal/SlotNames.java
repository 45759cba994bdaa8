package io.cairn.postgres.wal;

import io.cairn.model.ClusterName;

/**
 * What a cluster's physical replication slots are called. PostgreSQL allows {@code a-z 0-9 _} and
 * 63 bytes: the dashes of a cluster's name become {@code _}, and the longest comes to 55.
 *
 * @param streaming the slot that the stream is read from; also the stream's {@code
 *     application_name}, for {@code synchronous_standby_names}
 * @param retained the slot that nobody reads from: it holds what is not yet in every store
 */
public record SlotNames(String streaming, String retained) {

    public static SlotNames of(ClusterName cluster) {
        String streaming = "cairn_" + cluster.value().replace('-', '_');
        return new SlotNames(streaming, streaming + "_retained");
    }
}

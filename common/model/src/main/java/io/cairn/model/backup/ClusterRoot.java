package io.cairn.model.backup;

import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.SystemIdentifier;

/**
 * The prefix everything of one cluster lies under, {@code <cluster>/<system identifier>/}. A
 * cluster that was created anew under the same name has another system identifier, so the two never
 * mix.
 */
public record ClusterRoot(ClusterName cluster, SystemIdentifier systemIdentifier) {

    public String prefix() {
        return cluster + "/" + systemIdentifier + "/";
    }

    /** Prefix of all backups: {@code backups/}. */
    public String backupsPrefix() {
        return prefix() + "backups/";
    }

    /** Prefix of all keys: {@code keys/}. */
    public String keysPrefix() {
        return prefix() + "keys/";
    }

    /** Prefix of what a rebuilt catalog needs to know beyond the backups: {@code records/}. */
    public String recordsPrefix() {
        return prefix() + "records/";
    }

    /** Prefix of the records about a backup: {@code records/<what>/<label>/}. */
    public String recordsPrefix(String what, String label) {
        return recordsPrefix() + what + "/" + label + "/";
    }

    /** A record about a backup: {@code records/<what>/<label>/<name>.json}. */
    public ObjectKey record(String what, String label, String name) {
        return new ObjectKey(recordsPrefix(what, label) + name + ".json");
    }
}

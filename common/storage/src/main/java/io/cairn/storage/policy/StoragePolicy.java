package io.cairn.storage.policy;

import static io.cairn.storage.policy.Action.CREATE;
import static io.cairn.storage.policy.Action.DELETE;
import static io.cairn.storage.policy.Action.HOLD;
import static io.cairn.storage.policy.Action.LIST;
import static io.cairn.storage.policy.Action.PUT_HELD;
import static io.cairn.storage.policy.Action.READ;
import static io.cairn.storage.policy.Action.READ_METADATA;
import static io.cairn.storage.policy.Action.REPLACE;
import static io.cairn.storage.policy.Action.RETAIN;
import static io.cairn.storage.policy.Action.TAG;
import static io.cairn.storage.policy.Action.THAW;

import io.cairn.storage.StoreProbe;
import java.util.List;
import java.util.Set;

/**
 * Who may do what, one list of rules per principal. What no rule allows is refused. The keys are
 * those of {@code BackupLayout} and {@code ClusterRoot}: {@code <cluster>/<system
 * identifier>/<backups|wal|pieces|keys|records>/…}.
 *
 * <p>Everybody may list. Nobody may overwrite without a condition, shorten a retention, or delete a
 * record.
 */
public record StoragePolicy(Principal principal, List<Rule> rules) {

    private static final String ALL = "*";
    private static final String BACKUPS = "*/*/backups/*";
    private static final String WAL = "*/*/wal/*";
    private static final String PIECES = "*/*/pieces/*";
    private static final String KEYS = "*/*/keys/*";
    private static final String RECORDS = "*/*/records/*";

    /** What was found out about backups: an executor builds on none that failed. */
    private static final String VERIFICATIONS = "*/*/records/verifications/*";

    /** Without the keys of stream sessions, which lie under {@code keys/wal/}. */
    private static final String SEALED_WAL = "*/*/wal/*.gz.cms";

    private static final String SEALED_PIECES = "*/*/pieces/*.gz.cms";

    /**
     * Commit objects, also those that lost ({@code backup.<attempt>.json}), and their signatures.
     */
    private static final String COMMITS = "*/*/backups/*/backup.*";

    private static final String VOLUMES = "*/*/backups/*/*.tar/*.gz.cms";
    private static final String MANIFESTS = "*/*/backups/*/*/backup_manifest*";
    private static final String PROBES = StoreProbe.PREFIX + "*";

    /** Nobody stores anything there: a lock that is asked for locks nothing. */
    private static final String NOWHERE = StoreProbe.NOWHERE.value();

    private static final String EXECUTORS_KEYS =
            "*/*/backups/*/*/backup_manifest.executors.key.cms";
    private static final String SHREDDED = "*/*/records/shredded.json";

    /** By which whoever reads backups keeps them from expiring meanwhile. */
    private static final String LEASES = "*/*/records/leases/*";

    private static final String HISTORIES = "*/*/wal/*.history*";

    public StoragePolicy {
        rules = List.copyOf(rules);
    }

    /** The rules of one principal. */
    public static StoragePolicy of(Principal principal) {
        return new StoragePolicy(principal, rules(principal));
    }

    private static List<Rule> rules(Principal principal) {
        return switch (principal) {
            case EXECUTOR ->
                    List.of(
                            Rule.allow(Set.of(LIST), ALL),
                            Rule.allow(Set.of(CREATE, READ_METADATA), BACKUPS, WAL, PIECES, KEYS),
                            // To store with tags, and to ask whether the bucket knows of any.
                            Rule.allow(Set.of(TAG), VOLUMES),
                            Rule.allow(Set.of(READ), COMMITS, MANIFESTS, HISTORIES, VERIFICATIONS));
            case CATALOG ->
                    List.of(
                            Rule.allow(Set.of(LIST), ALL),
                            Rule.allow(Set.of(READ, READ_METADATA), COMMITS, RECORDS),
                            // Up to when a range of WAL is recoverable stands in its metadata.
                            Rule.allow(Set.of(READ_METADATA), SEALED_WAL, SEALED_PIECES),
                            Rule.allow(Set.of(CREATE), RECORDS),
                            Rule.allow(Set.of(DELETE, RETAIN, HOLD), BACKUPS, WAL, PIECES, KEYS),
                            // What was drilled may go to its archive class.
                            Rule.allow(Set.of(TAG), VOLUMES),
                            // It sees for itself whether a bucket enforces locks.
                            Rule.allow(Set.of(CREATE, READ_METADATA, DELETE), PROBES),
                            Rule.allow(Set.of(RETAIN), NOWHERE));
            case VALIDATOR ->
                    List.of(
                            Rule.allow(Set.of(LIST, READ, READ_METADATA), ALL),
                            Rule.allow(Set.of(CREATE), LEASES));
            // Both ways: after a failover the other store is the one that backups come from, and
            // what is damaged is repaired wherever it is.
            case REPLICATION_SOURCE, REPLICATION_TARGET ->
                    List.of(
                            Rule.allow(Set.of(LIST, READ, READ_METADATA), ALL),
                            Rule.allow(
                                    Set.of(CREATE, REPLACE), BACKUPS, WAL, PIECES, KEYS, RECORDS),
                            Rule.allow(Set.of(TAG), VOLUMES),
                            // One object of each instance, by which it sees that the store works.
                            Rule.allow(Set.of(CREATE, REPLACE), PROBES));
            case OPERATOR ->
                    List.of(
                            Rule.allow(Set.of(LIST, READ, READ_METADATA), ALL),
                            Rule.allow(Set.of(CREATE), KEYS, LEASES),
                            Rule.allow(Set.of(PUT_HELD), KEYS),
                            Rule.allow(Set.of(THAW), BACKUPS, WAL, PIECES),
                            Rule.allow(Set.of(CREATE, DELETE, TAG), PROBES),
                            Rule.allow(Set.of(RETAIN), NOWHERE));
            case CUSTODIAN ->
                    List.of(
                            Rule.allow(Set.of(LIST), ALL),
                            // Whose key it is stands in the commit object, what keeps it in
                            // records and locks.
                            Rule.allow(Set.of(READ, READ_METADATA), COMMITS, KEYS, RECORDS),
                            Rule.allow(Set.of(READ_METADATA), BACKUPS),
                            Rule.allow(Set.of(CREATE, DELETE, PUT_HELD), KEYS),
                            Rule.allow(Set.of(DELETE), EXECUTORS_KEYS),
                            Rule.allow(Set.of(CREATE), SHREDDED));
        };
    }

    /**
     * @param key an object's key, or the prefix of a listing
     */
    public boolean allows(Action action, String key) {
        return decides(Rule.Effect.ALLOW, action, key) && !decides(Rule.Effect.DENY, action, key);
    }

    private boolean decides(Rule.Effect effect, Action action, String key) {
        return rules.stream()
                .anyMatch(rule -> rule.effect() == effect && rule.matches(action, key));
    }
}

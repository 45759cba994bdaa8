package io.cairn.postgres.preflight;

import io.cairn.config.HostPort;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.error.CairnException;
import io.cairn.model.policy.TierPolicy;
import io.cairn.postgres.connection.ClusterConnector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Checks a cluster by doing what a backup does: connecting to every host in each way; on the
 * primary, making a temporary slot, a restore point, and switching to a new WAL segment. Nothing
 * that lasts is changed but for these two, which are in its WAL. Each host takes up to three
 * connections, of which two count towards {@code max_wal_senders}. Thread-safe.
 */
public final class Preflight {

    private final ClusterConnector connector;
    private final Optional<TierPolicy> policy;

    /** What every backup needs, whatever the tier. */
    public Preflight(ClusterConnector connector) {
        this(connector, Optional.empty());
    }

    /** What the tier promises too: its incrementals, its WAL stream, synchronous commits. */
    public Preflight(ClusterConnector connector, TierPolicy policy) {
        this(connector, Optional.of(policy));
    }

    private Preflight(ClusterConnector connector, Optional<TierPolicy> policy) {
        this.connector = connector;
        this.policy = policy;
    }

    /**
     * All results, in the order in which they should be read: host by host, then the cluster. Never
     * throws for a failed check.
     */
    public List<CheckResult> run() {
        List<HostCheck> hosts =
                connector.cluster().hosts().stream()
                        .map(host -> new HostCheck(connector, host, policy))
                        .toList();
        List<CheckResult> results = new ArrayList<>();
        hosts.forEach(host -> results.addAll(host.run()));
        results.add(onePrimary(hosts));
        results.addAll(oneCluster(hosts));
        return results;
    }

    private CheckResult onePrimary(List<HostCheck> hosts) {
        String cluster = connector.cluster().name().toString();
        List<HostPort> primaries =
                hosts.stream().filter(HostCheck::isPrimary).map(HostCheck::host).toList();
        return switch (primaries.size()) {
            case 0 ->
                    CheckResult.failed(
                            cluster,
                            "primary",
                            "none of its hosts is a primary that can be reached",
                            "add the primary to hosts");
            case 1 -> CheckResult.ok(cluster, "primary", "is " + primaries.getFirst());
            default ->
                    CheckResult.failed(
                            cluster,
                            "primary",
                            "more than one of its hosts is a primary: " + primaries,
                            "name one cluster's hosts only, and fence the old primary after a failover");
        };
    }

    private List<CheckResult> oneCluster(List<HostCheck> hosts) {
        List<SystemIdentifier> identifiers =
                hosts.stream()
                        .flatMap(host -> host.systemIdentifier().stream())
                        .distinct()
                        .toList();
        if (identifiers.size() < 2) {
            return List.of();
        }
        String listed =
                identifiers.stream().map(Object::toString).collect(Collectors.joining(", "));
        return List.of(
                CheckResult.failed(
                        connector.cluster().name().toString(),
                        "system identifier",
                        "its hosts belong to different clusters: " + listed,
                        "name the hosts of one cluster only"));
    }

    /** Whether backups can work: no check failed. */
    public static boolean passed(List<CheckResult> results) {
        return results.stream().allMatch(CheckResult::ok);
    }

    /**
     * The name of the check that a failure belongs to; otherwise the step's in which it came up.
     */
    static String nameOf(CairnException failure, String step) {
        return switch (failure.code()) {
            case POSTGRES_UNREACHABLE -> "reach";
            case CERTIFICATE_INVALID -> "tls";
            case SECRET_UNAVAILABLE, POSTGRES_AUTHENTICATION_FAILED -> "authenticate";
            case POSTGRES_TOO_OLD -> "version";
            case POSTGRES_WAL_SENDERS_EXHAUSTED -> "max_wal_senders";
            case POSTGRES_SLOTS_EXHAUSTED -> "max_replication_slots";
            default -> step;
        };
    }
}

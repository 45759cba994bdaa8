package io.cairn.postgres.preflight;

import static io.cairn.postgres.connection.ConnectionMode.DATABASE_REPLICATION;
import static io.cairn.postgres.connection.ConnectionMode.PHYSICAL_REPLICATION;
import static io.cairn.postgres.connection.ConnectionMode.SQL;

import io.cairn.config.HostPort;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.error.CairnException;
import io.cairn.model.policy.TierPolicy;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.connection.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The checks of one host. One use. */
final class HostCheck {

    private static final String APPLICATION_NAME = "cairn check";
    private static final String RESTORE_POINT = "cairn_check";

    private final ClusterConnector connector;
    private final HostPort host;
    private final Optional<TierPolicy> policy;
    private final List<CheckResult> results = new ArrayList<>();
    private Optional<SystemIdentifier> systemIdentifier = Optional.empty();
    private boolean primary;

    HostCheck(ClusterConnector connector, HostPort host, Optional<TierPolicy> policy) {
        this.connector = connector;
        this.host = host;
        this.policy = policy;
    }

    HostPort host() {
        return host;
    }

    boolean isPrimary() {
        return primary;
    }

    /** Absent where no replication connection was made. */
    Optional<SystemIdentifier> systemIdentifier() {
        return systemIdentifier;
    }

    List<CheckResult> run() {
        try (ServerConnection session = connector.connect(host, SQL, APPLICATION_NAME)) {
            connected(session);
            settings(session);
            rights(session);
            policy.filter(tier -> primary).ifPresent(tier -> stream(session, tier));
        } catch (CairnException e) {
            failed("connect", e);
            return results;
        }
        replication();
        return results;
    }

    private void connected(ServerConnection session) {
        primary = !session.isInRecovery();
        ok(
                "connect",
                "role "
                        + connector.cluster().user()
                        + " is in database "
                        + connector.cluster().database());
        ok(
                "version",
                "PostgreSQL "
                        + session.value("SHOW server_version")
                        + ", "
                        + (primary ? "primary" : "standby"));
    }

    private void settings(ServerConnection session) {
        String walLevel = session.value("SHOW wal_level");
        if (walLevel.equals("minimal")) {
            results.add(
                    CheckResult.failed(
                            subject(),
                            "wal_level",
                            "is minimal, with which no backup can be taken",
                            "ALTER SYSTEM SET wal_level = 'replica'; and restart the server"));
        } else {
            ok("wal_level", "is " + walLevel);
        }
        dataChecksums(session);
        if (session.majorVersion() >= 17 && policy.isEmpty()) {
            String summarize = session.value("SHOW summarize_wal");
            ok(
                    "summarize_wal",
                    "is "
                            + summarize
                            + (summarize.equals("on") ? "" : "; incremental backups need it on"));
        }
        String standbys = session.value("SHOW synchronous_standby_names");
        ok("synchronous_standby_names", standbys.isEmpty() ? "is empty" : "is " + standbys);
    }

    private void stream(ServerConnection session, TierPolicy tier) {
        results.addAll(new StreamCheck(session, connector.cluster().name(), tier).run());
    }

    private void dataChecksums(ServerConnection session) {
        if (session.value("SHOW data_checksums").equals("on")) {
            ok("data_checksums", "is on: damaged pages are seen by every backup");
        } else {
            results.add(
                    CheckResult.warning(
                            subject(),
                            "data_checksums",
                            "is off: a backup cannot see damaged pages",
                            "pg_checksums --enable, while the server is stopped"));
        }
    }

    private void rights(ServerConnection session) {
        right(
                "pg_monitor",
                session.value("SELECT pg_has_role(current_user, 'pg_monitor', 'USAGE')")
                        .equals("t"),
                "GRANT pg_monitor TO " + role() + ";");
        // In this order there is something to switch from.
        function(
                session,
                "pg_create_restore_point(text)",
                "SELECT pg_catalog.pg_create_restore_point('" + RESTORE_POINT + "')",
                "makes a restore point, '" + RESTORE_POINT + "' at ");
        function(
                session,
                "pg_switch_wal()",
                "SELECT pg_catalog.pg_switch_wal()",
                "switches to a new WAL segment, at ");
    }

    /** Calls it on a primary; a standby has no WAL of its own, and can only be asked. */
    private void function(
            ServerConnection session, String function, String call, String whatItDoes) {
        String remedy =
                "in database "
                        + connector.cluster().database()
                        + ": GRANT EXECUTE ON FUNCTION "
                        + function
                        + " TO "
                        + role()
                        + ";";
        if (!primary) {
            right(function, session.mayExecute(function), remedy);
            return;
        }
        try {
            ok(
                    function,
                    "role " + connector.cluster().user() + " " + whatItDoes + session.value(call));
        } catch (CairnException e) {
            results.add(refused(function, e, remedy));
        }
    }

    private CheckResult refused(String function, CairnException failure, String remedy) {
        return switch (failure.code()) {
            case POSTGRES_NOT_PERMITTED ->
                    CheckResult.warning(
                            subject(),
                            function,
                            "role " + connector.cluster().user() + " may not call it",
                            remedy);
            case POSTGRES_UNREACHABLE, POSTGRES_CONNECTION_LOST -> throw failure;
            default ->
                    new CheckResult(
                            subject(),
                            function,
                            CheckResult.Level.WARNING,
                            failure.getMessage(),
                            failure.hint());
        };
    }

    private void right(String name, boolean has, String remedy) {
        if (has) {
            ok(name, "role " + connector.cluster().user() + " has it");
        } else {
            results.add(
                    CheckResult.warning(
                            subject(),
                            name,
                            "role " + connector.cluster().user() + " does not have it",
                            remedy));
        }
    }

    private String role() {
        return SqlText.identifier(connector.cluster().user());
    }

    /** Both kinds at once, as a backup and a WAL stream are. */
    private void replication() {
        try (ServerConnection session =
                connector.connect(host, DATABASE_REPLICATION, APPLICATION_NAME)) {
            systemIdentifier = Optional.of(session.identify().systemIdentifier());
            ok(
                    "replication",
                    "the line for database " + connector.cluster().database() + " admits it");
            if (primary) {
                slot(session);
            }
            physicalReplication();
        } catch (CairnException e) {
            failed("replication", e);
        }
    }

    private void slot(ServerConnection session) {
        String slot = SqlText.identifier("cairn_check_" + session.backendPid());
        String most = session.value("SHOW max_replication_slots");
        String used = session.value("SELECT count(*) FROM pg_replication_slots");
        try {
            session.query(
                    row -> row.getString(1),
                    "CREATE_REPLICATION_SLOT " + slot + " TEMPORARY PHYSICAL");
            session.execute("DROP_REPLICATION_SLOT " + slot);
            ok("max_replication_slots", used + " of " + most + " are in use");
        } catch (CairnException e) {
            failed("max_replication_slots", e);
        }
    }

    private void physicalReplication() {
        try (ServerConnection second =
                connector.connect(host, PHYSICAL_REPLICATION, APPLICATION_NAME)) {
            second.identify();
            ok("max_wal_senders", "two of " + second.value("SHOW max_wal_senders") + " are free");
            ok("pg_hba.conf", "the line for replication admits it");
        } catch (CairnException e) {
            failed("pg_hba.conf", e);
        }
    }

    private void ok(String name, String detail) {
        results.add(CheckResult.ok(subject(), name, detail));
    }

    private void failed(String step, CairnException failure) {
        results.add(CheckResult.failed(subject(), Preflight.nameOf(failure, step), failure));
    }

    private String subject() {
        return host.toString();
    }
}

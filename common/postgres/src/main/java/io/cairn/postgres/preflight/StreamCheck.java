package io.cairn.postgres.preflight;

import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.policy.TierPolicy;
import io.cairn.postgres.basebackup.ParentManifest;
import io.cairn.postgres.basebackup.RelationCuts;
import io.cairn.postgres.connection.ServerConnection;
import io.cairn.postgres.connection.SqlText;
import io.cairn.postgres.preflight.CheckResult.Level;
import io.cairn.postgres.wal.SlotNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether a primary has what the tier's WAL stream and incrementals need, and whether a synchronous
 * tier's commits really wait for the stream. Asks only; changes nothing. One use.
 */
final class StreamCheck {

    /** One is taken by each base backup while it runs. */
    private static final int SLOTS_OF_A_BACKUP = 1;

    private final ServerConnection session;
    private final TierPolicy policy;
    private final SlotNames slots;
    private final List<CheckResult> results = new ArrayList<>();

    StreamCheck(ServerConnection session, ClusterName cluster, TierPolicy policy) {
        this.session = session;
        this.policy = policy;
        this.slots = SlotNames.of(cluster);
    }

    List<CheckResult> run() {
        slots();
        keepSize();
        if (policy.schedules().stream()
                .anyMatch(schedule -> schedule.kind() == BackupKind.INCREMENTAL)) {
            incrementals();
        }
        if (policy.wal().synchronous()) {
            commits();
            synchronousStandby();
        } else {
            asynchronousStandby();
        }
        return results;
    }

    private void slots() {
        int most = Integer.parseInt(session.value("SHOW max_replication_slots"));
        int others =
                Integer.parseInt(
                        session.value(
                                "SELECT count(*) FROM pg_replication_slots WHERE NOT temporary AND slot_name NOT IN (?, ?)",
                                slots.streaming(),
                                slots.retained()));
        int needed = others + 2 + SLOTS_OF_A_BACKUP;
        String name = "slots of the WAL stream";
        if (needed > most) {
            failed(
                    name,
                    "max_replication_slots is "
                            + most
                            + "; with "
                            + others
                            + " of others, two for the stream and one for a backup it must be "
                            + needed,
                    "ALTER SYSTEM SET max_replication_slots = "
                            + needed
                            + "; and restart the server, or drop one that is abandoned");
        } else {
            ok(name, slots.streaming() + " and " + slots.retained() + " have room");
        }
    }

    private void keepSize() {
        String size = session.value("SHOW max_slot_wal_keep_size");
        boolean unlimited = size.equals("-1");
        results.add(
                new CheckResult(
                        subject(),
                        "max_slot_wal_keep_size",
                        Level.OK,
                        unlimited
                                ? "is unlimited: while the stream is down, or a store of the policy lacks WAL, pg_wal grows until"
                                        + " its disk is full"
                                : "is "
                                        + size
                                        + ": a stream that is down for longer than that leaves a gap, and so does a failover into a store"
                                        + " that is behind by more",
                        Optional.of(
                                unlimited
                                        ? "a limit below the free space of pg_wal keeps the server running, at the"
                                                + " price of a gap in the WAL and a new full backup"
                                        : "-1 avoids gaps, at the price of a server that stops when its disk is full")));
    }

    private void incrementals() {
        if (session.majorVersion() < ParentManifest.OLDEST_MAJOR) {
            ok(
                    "incremental",
                    "PostgreSQL "
                            + session.majorVersion()
                            + " has none: the scheduled ones are log backups");
        } else if (!session.value("SHOW summarize_wal").equals("on")) {
            warning(
                    "summarize_wal",
                    "is off: no scheduled incremental of tier " + policy.tier() + " can be taken",
                    "ALTER SYSTEM SET summarize_wal = on; SELECT pg_reload_conf();");
        } else {
            ok("summarize_wal", "is on");
            summaries();
        }
    }

    /** An incremental that cannot be checked is not taken. */
    private void summaries() {
        String name = "pg_wal_summary_contents()";
        if (RelationCuts.readable(session)) {
            ok(name, "can be called: incrementals can be checked");
        } else {
            warning(
                    name,
                    "may not be called: no incremental can be checked, so none is taken",
                    "in database "
                            + session.value("SELECT current_database()")
                            + ": "
                            + RelationCuts.remedy(session));
        }
    }

    /** Of the server, and of roles and databases that have their own. */
    private void commits() {
        List<String> values = new ArrayList<>(List.of(session.value("SHOW synchronous_commit")));
        values.addAll(
                session.query(
                        row -> row.getString(1),
                        "SELECT DISTINCT substr(setting, strpos(setting, '=') + 1)"
                                + " FROM pg_db_role_setting, unnest(setconfig) setting"
                                + " WHERE setting LIKE 'synchronous_commit=%'"));
        String name = "synchronous_commit";
        if (values.contains("remote_apply")) {
            failed(
                    name,
                    "is remote_apply: a commit would wait for a replay, and Cairn replays nothing",
                    setToOn());
        } else if (values.stream().allMatch("on"::equals)) {
            ok(name, "is on: commits wait until their WAL is flushed");
        } else {
            warning(
                    name,
                    "is "
                            + String.join(", ", values)
                            + " (of the server, roles and databases): some commits do not wait until their WAL is stored",
                    setToOn());
        }
    }

    private static String setToOn() {
        return "ALTER SYSTEM SET synchronous_commit = on; SELECT pg_reload_conf();, and ALTER ROLE or ALTER DATABASE"
                + " … RESET synchronous_commit where SELECT * FROM pg_db_role_setting shows it";
    }

    private void synchronousStandby() {
        String name = "synchronous stream";
        Optional<String> state = syncState();
        String setting = session.value("SHOW synchronous_standby_names");
        SynchronousStandbys standbys = SynchronousStandbys.parse(setting);
        boolean named = standbys.has(slots.streaming());
        if (state.isEmpty() && named) {
            warning(
                    name,
                    "synchronous_standby_names has "
                            + slots.streaming()
                            + ", which streams nothing that can be seen: commits may be waiting",
                    "start the tier's executor; the role needs pg_monitor to see its state");
        } else if (state.isEmpty()) {
            warning(
                    name,
                    standbys.names().isEmpty()
                            ? "there is none yet: commits wait for nothing"
                            : "synchronous_standby_names is '"
                                    + setting
                                    + "': commits do not wait until their WAL is stored",
                    standbyNames());
        } else if (!isWaitedFor(state.get())) {
            warning(
                    name,
                    "its sync_state is " + state.get() + ": commits do not wait for it",
                    standbyNames());
        } else if (standbys.require(slots.streaming())) {
            ok(name, "commits wait until " + slots.streaming() + " has stored");
        } else {
            warning(
                    name,
                    "synchronous_standby_names is '"
                            + setting
                            + "': while another stands in, a commit may return without it",
                    standbyNames());
        }
    }

    private static boolean isWaitedFor(String state) {
        return state.equals("sync") || state.equals("quorum");
    }

    /** Whose WAL is stored by and by: nobody should have to wait for it. */
    private void asynchronousStandby() {
        syncState()
                .filter(StreamCheck::isWaitedFor)
                .ifPresent(state ->
                        warning(
                                "synchronous stream",
                                "commits wait for "
                                        + slots.streaming()
                                        + ", up to "
                                        + policy.wal().pieceAfter().toSeconds()
                                        + " s each: tier "
                                        + policy.tier()
                                        + " does not store at once",
                                "take it out of synchronous_standby_names, or set synchronous of the tier's wal"));
    }

    private String standbyNames() {
        return "once the stream runs: ALTER SYSTEM SET synchronous_standby_names = "
                + SqlText.literal("FIRST 1 (" + slots.streaming() + ")")
                + "; SELECT pg_reload_conf();";
    }

    /** Of the stream; empty where there is none, or the role may not see it. */
    private Optional<String> syncState() {
        return session
                .query(
                        row -> Optional.ofNullable(row.getString(1)),
                        "SELECT sync_state FROM pg_stat_replication WHERE application_name = ?",
                        slots.streaming())
                .stream()
                .flatMap(Optional::stream)
                .findFirst();
    }

    private String subject() {
        return session.host().toString();
    }

    private void ok(String name, String detail) {
        results.add(CheckResult.ok(subject(), name, detail));
    }

    private void warning(String name, String detail, String hint) {
        results.add(CheckResult.warning(subject(), name, detail, hint));
    }

    private void failed(String name, String detail, String hint) {
        results.add(CheckResult.failed(subject(), name, detail, hint));
    }
}

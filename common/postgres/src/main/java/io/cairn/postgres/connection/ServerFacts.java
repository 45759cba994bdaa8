package io.cairn.postgres.connection;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a backup must know of its source besides the files.
 *
 * @param identity system identifier, timeline, WAL position
 * @param serverVersion {@code server_version_num}
 * @param walSegmentBytes 1 MiB to 1 GiB
 * @param dataChecksums whether pages carry checksums
 * @param inRecovery whether the server is a standby
 * @param databaseBytes of all databases; absent where the role may not ask ({@code pg_monitor} may)
 * @param settings see {@link #settings()}
 */
public record ServerFacts(
        ServerIdentity identity,
        int serverVersion,
        long walSegmentBytes,
        boolean dataChecksums,
        boolean inRecovery,
        Optional<Long> databaseBytes,
        Map<String, String> settings) {

    /**
     * A restored server refuses to start with less than these had when the WAL was written, or
     * cannot read it at all.
     */
    private static final Set<String> ALWAYS =
            Set.of(
                    "max_connections",
                    "max_worker_processes",
                    "max_wal_senders",
                    "max_prepared_transactions",
                    "max_locks_per_transaction",
                    "wal_level",
                    "track_commit_timestamp",
                    "shared_preload_libraries",
                    "data_checksums",
                    "server_encoding",
                    "block_size",
                    "wal_segment_size");

    /**
     * Texts that may be stored in the clear. Others may hold a password ({@code primary_conninfo},
     * archive commands).
     */
    private static final Set<String> HARMLESS_TEXTS =
            Set.of(
                    "shared_preload_libraries",
                    "session_preload_libraries",
                    "local_preload_libraries",
                    "server_encoding",
                    "lc_collate",
                    "lc_ctype",
                    "lc_messages",
                    "lc_monetary",
                    "lc_numeric",
                    "lc_time",
                    "icu_validation_level",
                    "TimeZone",
                    "log_timezone",
                    "timezone_abbreviations",
                    "DateStyle",
                    "default_text_search_config",
                    "default_tablespace",
                    "temp_tablespaces",
                    "jit_provider",
                    "extension_control_path",
                    "dynamic_library_path");

    /**
     * Sources of values that the server's owner has chosen; those of this session's role and
     * database are not among them.
     */
    private static final Set<String> CHOSEN =
            Set.of("configuration file", "command line", "environment variable");

    public ServerFacts {
        settings = Map.copyOf(settings);
    }

    /**
     * What a restored server needs to start, and what was set on the source, as far as the role may
     * read it and it cannot hold a secret: numbers, switches and choices, and a list of known
     * texts. Values are with units, as in {@code postgresql.conf}.
     */
    @Override
    public Map<String, String> settings() {
        return settings;
    }

    /** Asks the server; the session is in {@link ConnectionMode#DATABASE_REPLICATION}. */
    public static ServerFacts of(ServerConnection session) {
        return new ServerFacts(
                session.identify(),
                session.serverVersion(),
                Long.parseLong(
                        session.value(
                                "SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'")),
                session.value("SHOW data_checksums").equals("on"),
                session.isInRecovery(),
                databaseBytes(session),
                settings(session));
    }

    private static Optional<Long> databaseBytes(ServerConnection session) {
        return session.query(
                        row -> Optional.ofNullable(row.getObject(1, Long.class)),
                        "SELECT sum(pg_database_size(oid))::int8 FROM pg_database"
                                + " WHERE pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')")
                .getFirst();
    }

    private static Map<String, String> settings(ServerConnection session) {
        Map<String, String> settings = new TreeMap<>();
        session.query(
                row -> {
                    String name = row.getString("name");
                    boolean harmless =
                            !row.getString("vartype").equals("string")
                                    || HARMLESS_TEXTS.contains(name);
                    if (ALWAYS.contains(name)
                            || (harmless && CHOSEN.contains(row.getString("source")))) {
                        settings.put(name, row.getString("value"));
                    }
                    return name;
                },
                "SELECT name, vartype, source, current_setting(name) AS value FROM pg_settings");
        return settings;
    }
}

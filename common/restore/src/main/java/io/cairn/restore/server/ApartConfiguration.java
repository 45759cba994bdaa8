package io.cairn.restore.server;

import io.cairn.model.backup.CommitObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What every server is started with that runs on a restored directory and must touch nothing else.
 * Together with {@code ownConfigurationOnly} nothing of the source's configuration files counts,
 * since they may name commands, hosts and directories outside of it.
 */
public final class ApartConfiguration {

    /**
     * What a server has to allow at least as much of as the source did, so that recovery finds room
     * for what was running there: transactions, prepared transactions, locks.
     *
     * @see <a
     *     href="https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN">Administrator's
     *     Overview</a>
     */
    private static final List<String> AT_LEAST_THE_SOURCES =
            List.of(
                    "max_connections",
                    "max_worker_processes",
                    "max_wal_senders",
                    "max_prepared_transactions",
                    "max_locks_per_transaction");

    private ApartConfiguration() {}

    /**
     * @param name {@code cluster_name}, which process lists show
     * @param allowedPreload libraries that may be preloaded where the source does
     * @return settings that the caller may add to
     */
    public static Map<String, String> of(
            String name,
            CommitObject commit,
            long sharedBuffersMegabytes,
            Set<String> allowedPreload) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("cluster_name", name);
        settings.put("shared_buffers", sharedBuffersMegabytes + "MB");
        settings.put("huge_pages", "off");
        settings.put("ssl", "off");
        settings.put("synchronous_standby_names", "");
        settings.put("archive_mode", "off");
        settings.put("restore_command", "");
        settings.put("primary_conninfo", "");
        settings.put("max_logical_replication_workers", "0");
        settings.put("autovacuum", "off");
        settings.put("log_min_messages", "warning");
        settings.put("shared_preload_libraries", preloaded(commit, allowedPreload));
        for (String least : AT_LEAST_THE_SOURCES) {
            String value = commit.settings().get(least);
            if (value != null && value.matches("\\d{1,9}")) {
                settings.put(least, value);
            }
        }
        return settings;
    }

    private static String preloaded(CommitObject commit, Set<String> allowed) {
        return Arrays.stream(
                        commit.settings().getOrDefault("shared_preload_libraries", "").split(","))
                .map(library -> library.strip().replace("\"", ""))
                .filter(allowed::contains)
                .collect(Collectors.joining(","));
    }
}

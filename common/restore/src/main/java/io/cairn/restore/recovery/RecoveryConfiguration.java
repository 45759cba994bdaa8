package io.cairn.restore.recovery;

import io.cairn.restore.server.ApartConfiguration;
import io.cairn.restore.wal.LastRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The settings of a server that recovers; together with {@code ownConfigurationOnly} they are all
 * it has. Nothing of the source's configuration counts but what recovery needs room for.
 */
final class RecoveryConfiguration {

    /** Promoting without it would throw the commit timestamps away. */
    private static final String COMMIT_TIMESTAMPS = "track_commit_timestamp";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS'+00'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /** What the server says when a setting is below the source's. */
    private static final Pattern TOO_LOW =
            Pattern.compile(
                    "(\\w+) = \\d+ is a lower setting than on the primary server, where its value"
                            + " was (\\d+)");

    private static final Map.Entry<String, String> IMMEDIATE =
            Map.entry("recovery_target", "immediate");

    private RecoveryConfiguration() {}

    static Map<String, String> of(RecoveryPlan plan, RecoverySettings settings, boolean hasTarget) {
        Map<String, String> all =
                ApartConfiguration.of(
                        "cairn-recovery",
                        plan.commit(),
                        settings.sharedBuffersMegabytes(),
                        settings.preloadLibraries());
        all.put("archive_cleanup_command", "");
        all.put("recovery_end_command", "");
        all.put("hot_standby", "on");
        all.put("recovery_min_apply_delay", "0");
        // Files under names of segments to come would be in the way of those that come.
        all.put("wal_recycle", "off");
        all.put("wal_keep_size", "0");
        all.put("max_wal_size", (settings.maxWalBytes() >> 20) + "MB");
        waiting(all);
        if (plan.commit().majorVersion() == 15) {
            all.put("promote_trigger_file", "");
        }
        if ("on".equals(plan.commit().settings().get(COMMIT_TIMESTAMPS))) {
            all.put(COMMIT_TIMESTAMPS, "on");
        }
        target(plan, hasTarget, all);
        return all;
    }

    /** A segment that is missing is waited for: nothing is asked for it. */
    private static void waiting(Map<String, String> all) {
        all.put("primary_slot_name", "");
        // How long replay may stand when it is faster than what fetches.
        all.put("wal_retrieve_retry_interval", "20ms");
    }

    private static void target(RecoveryPlan plan, boolean hasTarget, Map<String, String> all) {
        all.put("recovery_target", "");
        all.put("recovery_target_time", "");
        all.put("recovery_target_lsn", "");
        all.put("recovery_target_xid", "");
        all.put("recovery_target_name", "");
        all.put("recovery_target_inclusive", "on");
        all.put("recovery_target_action", "pause");
        all.put("recovery_target_timeline", plan.timeline().toString());
        if (!hasTarget) {
            return;
        }
        Map.Entry<String, String> chosen = chosen(plan);
        // The one that is set has to come behind those that are not.
        all.remove(chosen.getKey());
        all.put(chosen.getKey(), chosen.getValue());
    }

    private static Map.Entry<String, String> chosen(RecoveryPlan plan) {
        // A server would stop at the first restore point of that name.
        if (plan.stopAt().isPresent()) {
            return Map.entry("recovery_target_lsn", plan.stopAt().get().toString());
        }
        return switch (plan.target()) {
            case RecoveryTarget.Time(var time) ->
                    Map.entry("recovery_target_time", TIME.format(time));
            case RecoveryTarget.Lsn(var position) ->
                    Map.entry("recovery_target_lsn", position.toString());
            // The server knows transactions by 32 bits.
            case RecoveryTarget.Xid(var id) ->
                    Map.entry("recovery_target_xid", Long.toString(id & 0xFFFF_FFFFL));
            case RecoveryTarget.Name(var name) -> Map.entry("recovery_target_name", name);
            case RecoveryTarget.Immediate _ -> IMMEDIATE;
            // The server itself then stops behind the last whole record, and not before.
            case RecoveryTarget.Latest _ ->
                    plan.lastRecord()
                            .map(LastRecord::start)
                            .filter(start -> start.compareTo(plan.commit().stopLsn()) >= 0)
                            .map(start -> Map.entry("recovery_target_lsn", start.toString()))
                            .orElse(IMMEDIATE);
        };
    }

    /**
     * Settings that the server asks to be raised, since the source's were raised later than the
     * backup.
     *
     * @param log what it writes
     * @param start bytes of it that are of earlier runs
     */
    static Map<String, String> tooLow(Path log, long start) throws IOException {
        Map<String, String> raised = new LinkedHashMap<>();
        Matcher matcher = TOO_LOW.matcher(since(log, start));
        while (matcher.find()) {
            raised.merge(
                    matcher.group(1),
                    matcher.group(2),
                    (one, other) -> Long.parseLong(one) >= Long.parseLong(other) ? one : other);
        }
        return raised;
    }

    private static String since(Path log, long start) throws IOException {
        if (!Files.exists(log)) {
            return "";
        }
        byte[] bytes = Files.readAllBytes(log);
        int from = (int) Math.min(start, bytes.length);
        return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }
}

package io.cairn.config;

import io.cairn.model.BackupKind;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.archival.ArchiveMoment;
import io.cairn.model.archival.ArchiveRule;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.BackupSchedule;
import io.cairn.model.policy.CatchUp;
import io.cairn.model.policy.MaintenanceKind;
import io.cairn.model.policy.MaintenanceSchedule;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.RunPolicy;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.policy.WalPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Policies: the requirement's, key by key replaced by what the file says. */
final class PolicySections {

    private static final String[] TIER_KEYS = {
        "retention",
        "rto",
        "rpo",
        "pointInTimeWindow",
        "copies",
        "gzipLevel",
        "volumeSize",
        "schedules",
        "wal",
        "lock",
        "archive"
    };
    private static final String NO_LOCK = "none";

    private final Section written;
    private final Section defaults;

    PolicySections(Section written) {
        this.written = written;
        this.defaults = defaultPolicies();
    }

    Map<Tier, TierPolicy> tiers() {
        written.section("tiers").allow(ids(Tier.values(), Tier::id));
        Map<Tier, TierPolicy> policies = new EnumMap<>(Tier.class);
        for (Tier tier : Tier.values()) {
            policies.put(tier, tier(tier));
        }
        return policies;
    }

    List<MaintenanceSchedule> maintenance() {
        written.section("maintenance").allow(ids(MaintenanceKind.values(), MaintenanceKind::id));
        return Arrays.stream(MaintenanceKind.values()).map(this::maintenance).toList();
    }

    private TierPolicy tier(Tier tier) {
        Layered keys = layered("tiers", tier.id(), TIER_KEYS);
        return keys.written.parsing(() -> {
            RunPolicy run =
                    new RunPolicy(
                            keys.get("retention").duration(),
                            keys.get("rto").duration(),
                            keys.get("rpo").duration(),
                            keys.get("copies").list().stream()
                                    .map(name -> name.as(StoreName::new))
                                    .toList(),
                            keys.get("gzipLevel").integer(6, 9),
                            keys.get("volumeSize").size());
            TierPolicy policy =
                    new TierPolicy(
                            tier,
                            keys.get("pointInTimeWindow").duration(),
                            run,
                            keys.get("schedules").list().stream()
                                    .map(PolicySections::schedule)
                                    .toList(),
                            wal(tier),
                            keys.written.get("lock").flatMap(mode -> mode.as(PolicySections::lock)),
                            archive(keys, run));
            if (policy.pointInTimeWindow().compareTo(run.retention()) > 0) {
                throw new IllegalArgumentException(
                        "pointInTimeWindow must not be longer than retention");
            }
            return policy;
        });
    }

    /** Of the defaults, what the tier's copies and retention leave of them. */
    private static List<ArchiveRule> archive(Layered keys, RunPolicy run) {
        Optional<Value> written = keys.written.get("archive");
        if (written.isPresent()) {
            return archiveRules(written.get());
        }
        return keys
                .defaults
                .get("archive")
                .map(PolicySections::archiveRules)
                .orElse(List.of())
                .stream()
                .filter(rule -> run.copies().contains(rule.store()))
                .filter(rule ->
                        !(rule.after() instanceof ArchiveMoment.Age(Duration age))
                                || age.compareTo(run.retention()) < 0)
                .toList();
    }

    private static List<ArchiveRule> archiveRules(Value value) {
        return value.list().stream().map(PolicySections::archiveRule).toList();
    }

    private static ArchiveRule archiveRule(Value value) {
        Section keys = value.section().allow("store", "kinds", "storageClass", "after");
        return value.parsing(() ->
                new ArchiveRule(
                        keys.require("store").as(StoreName::new),
                        keys.get("kinds").map(Value::list).orElse(List.of()).stream()
                                .map(kind -> kind.as(BackupKind::parse))
                                .collect(Collectors.toSet()),
                        keys.require("storageClass").as(StorageClass::parse),
                        keys.require("after").as(ArchiveMoment::parse)));
    }

    private static Optional<ObjectLockMode> lock(String text) {
        if (text.equals(NO_LOCK)) {
            return Optional.empty();
        }
        return Optional.of(
                Arrays.stream(ObjectLockMode.values())
                        .filter(mode -> mode.id().equals(text))
                        .findFirst()
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.NAME_INVALID,
                                        "'" + text + "' is not a mode of Object Lock",
                                        "use none, governance or compliance")));
    }

    private WalPolicy wal(Tier tier) {
        Section wal = written.section("tiers").section(tier.id()).section("wal");
        Section piece = wal.allow("piece", "synchronous").section("piece").allow("after", "bytes");
        WalPolicy defaults = WalPolicy.of(tier);
        return wal.parsing(() ->
                new WalPolicy(
                        piece.get("after").map(Value::duration).orElse(defaults.pieceAfter()),
                        piece.get("bytes").map(Value::size).orElse(defaults.pieceBytes()),
                        wal.get("synchronous").map(Value::bool).orElse(defaults.synchronous())));
    }

    private static BackupSchedule schedule(Value value) {
        Section keys = value.section().allow("kind", "cron", "catchUp", "startDeadline");
        return value.parsing(() ->
                new BackupSchedule(
                        keys.require("kind").as(BackupKind::parse),
                        keys.require("cron").as(CronCheck::require),
                        keys.get("catchUp")
                                .map(it -> it.as(PolicySections::catchUp))
                                .orElse(CatchUp.LATEST),
                        keys.require("startDeadline").duration()));
    }

    private static CatchUp catchUp(String text) {
        return switch (text) {
            case "latest" -> CatchUp.LATEST;
            case "all" -> CatchUp.ALL;
            case "none" -> CatchUp.NONE;
            default ->
                    throw new IllegalArgumentException("'" + text + "' is not latest, all or none");
        };
    }

    private MaintenanceSchedule maintenance(MaintenanceKind kind) {
        Layered keys = layered("maintenance", kind.id(), "cron", "startDeadline");
        MaintenanceSchedule schedule =
                new MaintenanceSchedule(
                        kind,
                        keys.get("cron").as(CronCheck::require),
                        keys.get("startDeadline").duration());
        if (!schedule.startDeadline().isPositive()) {
            throw keys.get("startDeadline").invalid("must be positive", null);
        }
        return schedule;
    }

    private Layered layered(String group, String name, String... known) {
        return new Layered(
                written.section(group).section(name).allow(known),
                defaults.section(group).section(name));
    }

    /** What the file says, over what is the default. */
    private record Layered(Section written, Section defaults) {

        Value get(String key) {
            return written.get(key).orElseGet(() -> defaults.require(key));
        }
    }

    private static <T> String[] ids(T[] values, Function<T, String> id) {
        return Stream.of(values).map(id).toArray(String[]::new);
    }

    private static Section defaultPolicies() {
        try (InputStream in = PolicySections.class.getResourceAsStream("default-policies.yaml")) {
            if (in == null) {
                throw new IllegalStateException("default-policies.yaml is not in the jar");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new YamlSource("default-policies.yaml", Path.of("")).parse(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.cairn.cli;

import io.cairn.events.BackupLocked;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.record.Shredded;
import io.cairn.restore.InParallel;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.ShreddedKeys;
import io.cairn.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "show",
        description =
                "Shows one backup and its copies, or what of a cluster can be recovered, and how fast.",
        mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {

    @ParentCommand private Cairn cairn = new Cairn();

    @Mixin private final Output output = new Output();

    @Parameters(paramLabel = "LABEL|CLUSTER", description = BackupReference.GRAMMAR)
    private String label = "";

    @Override
    public Integer call() throws InterruptedException {
        if (BackupReference.namesCluster(label)) {
            return showCluster(new ClusterName(label));
        }
        BackupReference reference = BackupReference.parse(label);
        try (Session session = Session.open(cairn.options())) {
            BackupLister lister = session.lister();
            ListedBackup backup = reference.resolve(lister);
            List<ListedBackup> seconds =
                    reference.attempt().isPresent()
                            ? List.of()
                            : lister.seconds(
                                    List.of(backup), problem -> output.warn(problem.message()));
            Map<StoreName, BackupLocked> locks =
                    new LockRecords(session.stores(), output::warn)
                            .of(backup.layout(), backup.commit().attempt());
            Optional<Shredded> shredded = shredded(backup, session.stores());
            output.print(
                    cairn.options().output(),
                    new TreeMap<>(
                            Map.of(
                                    "backup",
                                    backup.commit(),
                                    "shredded",
                                    shredded,
                                    "locks",
                                    locks.values(),
                                    "seconds",
                                    seconds.stream().map(ListedBackup::commit).toList())),
                    () -> text(backup, seconds, locks, shredded));
            backup.problems().stream().map(CopyProblem::message).forEach(output::warn);
            return ExitCode.OK.code();
        }
    }

    private void text(
            ListedBackup backup,
            List<ListedBackup> seconds,
            Map<StoreName, BackupLocked> locks,
            Optional<Shredded> shredded) {
        CommitObject commit = backup.commit();
        Duration took = Duration.between(commit.startedAt(), commit.completedAt());
        line("backup", commit.run() + (commit.damaged() ? "  DAMAGED at the source" : ""));
        line("kind", commit.kind() + ", tier " + commit.tier());
        line(
                "server",
                "PostgreSQL "
                        + version(commit.serverVersion())
                        + ", system "
                        + commit.systemIdentifier());
        line("started", commit.startedAt() + ", took " + Format.duration(took));
        line(
                "wal",
                "timeline "
                        + commit.timeline()
                        + ", "
                        + commit.startLsn()
                        + " to "
                        + commit.stopLsn()
                        + (commit.includesWal() ? ", included" : ""));
        line(
                "size",
                Format.bytes(commit.bytesIn())
                        + " in "
                        + commit.files()
                        + " files, stored as "
                        + Format.bytes(commit.bytesStored())
                        + " (gzip "
                        + commit.gzipLevel()
                        + ", "
                        + commit.codec()
                        + ")");
        for (Archive archive : commit.archives()) {
            String where =
                    archive.tablespace()
                            .map(space -> "  tablespace " + space.location())
                            .orElse("");
            line(
                    "archive",
                    archive.name()
                            + "  "
                            + Format.bytes(archive.bytes())
                            + " in "
                            + archive.volumes().size()
                            + (archive.volumes().size() == 1 ? " volume" : " volumes")
                            + where);
        }
        line(
                "copies",
                backup.copiesOf(commit.attempt()).stream()
                        .map(copy -> copy.store() + lock(locks.get(copy.store())))
                        .collect(Collectors.joining(", ")));
        line("attempt", commit.attempt() + ", key " + commit.keyId());
        seconds.forEach(second -> line("second", second(second)));
        shredded.ifPresent(record ->
                line(
                        "keys",
                        "SHREDDED on purpose at "
                                + record.at()
                                + " by "
                                + record.by()
                                + ": nothing opens it"));
        commit.damage()
                .forEach(page ->
                        line(
                                "damage",
                                page.file()
                                        + page.block().map(block -> " block " + block).orElse("")));
    }

    /** Another attempt at the run, which was committed too. */
    private static String second(ListedBackup second) {
        return "%s@%s, completed %s, in %s"
                .formatted(
                        second.commit().run(),
                        second.commit().attempt(),
                        second.commit().completedAt(),
                        second.copies().stream()
                                .map(copy -> copy.store().value())
                                .collect(Collectors.joining(", ")));
    }

    private int showCluster(ClusterName cluster) throws InterruptedException {
        try (Session session = Session.open(cairn.options())) {
            BackupListing listing = session.lister().list(cluster);
            Set<String> problems = Collections.synchronizedSet(new LinkedHashSet<>());
            listing.problems().forEach(problem -> problems.add(problem.message()));
            List<StoreWindow> windows =
                    InParallel.all(
                                    session.stores().size(),
                                    StoreWindow.of(
                                            session,
                                            listing.backups(),
                                            Integer.MAX_VALUE,
                                            problems::add),
                                    Supplier::get)
                            .stream()
                            .flatMap(Optional::stream)
                            .toList();
            Instant now = Instant.now();
            ShownCluster shown =
                    ShownCluster.of(cluster, session.config(), listing.backups(), windows, now);
            output.print(
                    cairn.options().output(),
                    "cluster",
                    shown,
                    () -> shown.text(now).forEach(output::line));
            List.copyOf(problems).forEach(output::warn);
            return ExitCode.OK.code();
        }
    }

    private static String lock(@Nullable BackupLocked lock) {
        return lock == null ? "" : " (" + lock.mode() + " lock until " + lock.until() + ")";
    }

    /** Whether the backup is among what opens no more, as any store says. */
    private Optional<Shredded> shredded(ListedBackup backup, List<ObjectStore> stores) {
        for (ObjectStore store : stores) {
            try {
                Optional<Shredded> record =
                        ShreddedKeys.find(backup.layout().root(), store)
                                .filter(one -> !backup.commit().completedAt().isAfter(one.at()));
                if (record.isPresent()) {
                    return record;
                }
            } catch (CairnException e) {
                output.warn(new CopyProblem(store.name(), e).message());
            }
        }
        return Optional.empty();
    }

    private void line(String name, String value) {
        output.line(ShownCluster.line(name, value));
    }

    private static String version(int number) {
        return number / 10_000 + "." + number % 10_000;
    }
}

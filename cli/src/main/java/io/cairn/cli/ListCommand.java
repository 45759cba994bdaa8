package io.cairn.cli;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.record.Shredded;
import io.cairn.restore.InParallel;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.ShreddedKeys;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.storage.ObjectStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "list",
        description = {
            "Lists the backups in the stores, oldest first, and which moments can be recovered with them.",
            "Without --cluster, a cluster with more than 100000 objects of WAL in a store is only said to have them."
        },
        mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {

    /**
     * One backup in JSON output.
     *
     * @param second whether another attempt at the same run has the label for itself, so that this
     *     one is named with its attempt
     */
    record Row(
            ClusterName cluster,
            BackupLabel label,
            AttemptId attempt,
            boolean second,
            String kind,
            Instant completedAt,
            int serverVersion,
            long files,
            long bytesIn,
            long bytesStored,
            boolean damaged,
            List<StoreName> stores,
            List<String> problems) {

        static Row of(ListedBackup backup) {
            return of(backup, false);
        }

        static Row second(ListedBackup backup) {
            return of(backup, true);
        }

        private static Row of(ListedBackup backup, boolean second) {
            CommitObject commit = backup.commit();
            return new Row(
                    commit.cluster(),
                    commit.label(),
                    commit.attempt(),
                    second,
                    commit.kind().id(),
                    commit.completedAt(),
                    commit.serverVersion(),
                    commit.files(),
                    commit.bytesIn(),
                    commit.bytesStored(),
                    commit.damaged(),
                    backup.copiesOf(commit.attempt()).stream().map(StoredBackup::store).toList(),
                    backup.problems().stream().map(CopyProblem::message).toList());
        }

        /** What other commands call it. */
        String name() {
            return second ? label + "@" + attempt : label.value();
        }
    }

    @ParentCommand private Cairn cairn = new Cairn();

    @Mixin private final Output output = new Output();

    @Option(names = "--cluster", paramLabel = "NAME", description = "Only this cluster's.")
    private @Nullable String cluster;

    /**
     * Of all clusters; one that is named is looked at whole. A thousand take a store one answer.
     */
    private static final long WAL_OBJECTS_MAX = 100_000;

    /** Listings at once. */
    private static final int THREADS = 8;

    @Override
    public Integer call() throws InterruptedException {
        try (Session session = Session.open(cairn.options())) {
            BackupLister lister = session.lister();
            List<Row> rows = new ArrayList<>();
            Map<ClusterName, List<ListedBackup>> listed = new LinkedHashMap<>();
            List<Supplier<Optional<StoreWindow>>> windows = new ArrayList<>();
            // Of a store that is away every cluster says the same.
            Set<String> problems = Collections.synchronizedSet(new LinkedHashSet<>());
            long objectsMax = cluster == null ? WAL_OBJECTS_MAX : Integer.MAX_VALUE;
            Consumer<CopyProblem> note = problem -> problems.add(problem.message());
            for (ClusterName name :
                    cluster == null ? lister.clusters(note) : List.of(new ClusterName(cluster))) {
                BackupListing listing = lister.list(name);
                listing.backups().stream().map(Row::of).forEach(rows::add);
                lister.seconds(listing.backups(), note).stream()
                        .map(Row::second)
                        .forEach(rows::add);
                listing.problems().forEach(note);
                listing.backups().stream()
                        .map(backup -> backup.layout().root())
                        .distinct()
                        .forEach(root -> noteShredded(root, session.stores(), problems));
                windows.addAll(
                        StoreWindow.of(session, listing.backups(), objectsMax, problems::add));
                listed.put(name, listing.backups());
            }
            rows.sort(Comparator.comparing(Row::cluster).thenComparing(Row::label));
            List<StoreWindow> found =
                    InParallel.all(THREADS, windows, Supplier::get).stream()
                            .flatMap(Optional::stream)
                            .toList();
            Instant now = Instant.now();
            List<RecoveryTime> times =
                    listed.entrySet().stream()
                            .flatMap(each ->
                                    RecoveryTime.of(
                                            each.getKey(),
                                            session.config(),
                                            each.getValue(),
                                            found,
                                            now)
                                            .stream())
                            .toList();
            Map<String, Object> results = new LinkedHashMap<>();
            results.put("backups", rows);
            results.put("recoverable", found);
            results.put("recoveryTimes", times);
            output.print(
                    cairn.options().output(),
                    results,
                    () -> {
                        found.forEach(window ->
                                output.line(
                                        "%s in '%s': %s"
                                                .formatted(
                                                        window.cluster(),
                                                        window.store(),
                                                        window.text())));
                        times.forEach(time -> output.line(time.cluster() + ": " + time.text(now)));
                        table(rows);
                    });
            List.copyOf(problems).forEach(output::warn);
            return ExitCode.OK.code();
        }
    }

    /** Backups whose keys are gone on purpose are listed all the same, and it is said. */
    private static void noteShredded(
            ClusterRoot root, List<ObjectStore> stores, Set<String> problems) {
        for (ObjectStore store : stores) {
            try {
                ShreddedKeys.find(root, store)
                        .ifPresent(record -> problems.add(shredded(root, store, record)));
            } catch (CairnException e) {
                problems.add(new CopyProblem(store.name(), e).message());
            }
        }
    }

    private static String shredded(ClusterRoot root, ObjectStore store, Shredded record) {
        return "%s: the keys of %s (system %s) were shredded on purpose at %s by %s; nothing opens what was stored before"
                .formatted(
                        store.name(),
                        root.cluster(),
                        root.systemIdentifier(),
                        Format.utc(record.at()),
                        record.by());
    }

    private void table(List<Row> rows) {
        if (rows.isEmpty()) {
            output.line("No backups" + (cluster == null ? "." : " of " + cluster + "."));
            return;
        }
        Table table =
                new Table(
                        "CLUSTER",
                        "LABEL",
                        "KIND",
                        "COMPLETED (UTC)",
                        ">SIZE",
                        ">STORED",
                        "COPIES",
                        "");
        for (Row row : rows) {
            table.row(
                    row.cluster(),
                    row.name(),
                    row.kind(),
                    Format.utc(row.completedAt()),
                    Format.bytes(row.bytesIn()),
                    Format.bytes(row.bytesStored()),
                    row.stores().stream().map(StoreName::value).collect(Collectors.joining(", ")),
                    row.damaged() ? "DAMAGED" : "");
        }
        output.print(table);
    }
}

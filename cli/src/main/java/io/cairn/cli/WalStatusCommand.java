package io.cairn.cli;

import io.cairn.model.ClusterName;
import io.cairn.model.error.CairnException;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.storage.ObjectStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "status",
        description = {
            "Lists the WAL in the stores: what is there without a hole, what is missing, and how old the newest is.",
            "Needs no private key. The age of an idle cluster's newest WAL grows until something is written: what its"
                    + " stream has seen since is known to the catalog."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  cairn wal status",
            "  cairn wal status --cluster shop -o json"
        })
final class WalStatusCommand implements Callable<Integer> {

    @ParentCommand private WalCommand wal = new WalCommand();

    @Mixin private final Output output = new Output();

    @Option(names = "--cluster", paramLabel = "NAME", description = "Only this cluster's.")
    private @Nullable String cluster;

    @Override
    public Integer call() {
        try (Session session = Session.open(wal.options())) {
            X509Certificate anchor = session.trustAnchor();
            List<BackupReader> readers =
                    session.stores().stream()
                            .map(store -> new BackupReader(store, anchor))
                            .toList();
            // Of a store that is away every cluster says the same.
            Set<String> problems = new LinkedHashSet<>();
            Consumer<CopyProblem> note = problem -> problems.add(problem.message());
            List<ClusterName> clusters =
                    cluster == null
                            ? List.copyOf(new BackupLister(readers).clusters(note))
                            : List.of(new ClusterName(cluster));
            List<WalStatus> found = new ArrayList<>();
            for (ClusterName name : clusters) {
                for (WalRoots.Root root : WalRoots.of(name, readers, note)) {
                    found.addAll(statuses(root, session.stores(), note));
                }
            }
            output.print(wal.options().output(), "wal", found, () -> text(found));
            problems.forEach(output::warn);
            return ExitCode.OK.code();
        }
    }

    private static List<WalStatus> statuses(
            WalRoots.Root root, List<ObjectStore> stores, Consumer<CopyProblem> problems) {
        List<WalStatus> found = new ArrayList<>();
        for (ObjectStore store : stores) {
            try {
                found.add(WalStatus.of(root, store, Instant.now()));
            } catch (CairnException e) {
                problems.accept(new CopyProblem(store.name(), e));
            }
        }
        return found;
    }

    private void text(List<WalStatus> found) {
        if (found.stream().allMatch(status -> status.timelines().isEmpty())) {
            output.line("No WAL" + (cluster == null ? "." : " of " + cluster + "."));
            return;
        }
        Table table =
                new Table(
                        "CLUSTER",
                        "STORE",
                        "TIMELINE",
                        "FROM",
                        "TO",
                        ">SIZE",
                        "NEWEST SENT (UTC)",
                        ">LAG");
        found.forEach(status -> rows(status, table));
        output.print(table);
        for (WalStatus status : found) {
            for (WalStatus.Folder folder : status.timelines()) {
                folder.gaps()
                        .forEach(gap ->
                                output.line(
                                        "gap     %s in '%s', timeline %s: %s to %s is missing"
                                                .formatted(
                                                        status.cluster(),
                                                        status.store(),
                                                        folder.name(),
                                                        gap.start(),
                                                        gap.end())));
            }
        }
    }

    private static void rows(WalStatus status, Table table) {
        if (status.timelines().isEmpty()) {
            table.row(status.cluster(), status.store(), "", "", "none", "", "", "");
        }
        for (WalStatus.Folder folder : status.timelines()) {
            for (WalStatus.Span range : folder.ranges()) {
                boolean newest =
                        folder.divergence().isEmpty()
                                && status.newest()
                                        .filter(last ->
                                                last.timeline().equals(folder.timeline())
                                                        && last.lsn().equals(range.end()))
                                        .isPresent();
                table.row(
                        status.cluster(),
                        status.store(),
                        folder.name(),
                        range.start(),
                        range.end(),
                        Format.bytes(range.bytes()),
                        newest
                                ? status.newest()
                                        .flatMap(WalStatus.Newest::sentAt)
                                        .map(WalStatusCommand::seconds)
                                        .orElse("unknown")
                                : "",
                        newest ? status.lag().map(Format::duration).orElse("") : "");
            }
        }
    }

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", "");
    }
}

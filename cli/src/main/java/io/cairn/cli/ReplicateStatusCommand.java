package io.cairn.cli;

import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.sync.Depth;
import io.cairn.sync.Difference;
import io.cairn.sync.SyncReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "status",
        description = {
            "Says how far each store is behind the others, straight from the buckets: how many objects it lacks, and how"
                    + " old the oldest of them is. Lists only, and reads commit objects.",
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  cairn replicate status",
            "  cairn replicate status shop -o json"
        })
final class ReplicateStatusCommand implements Callable<Integer> {

    /**
     * How far a store is behind, in JSON output.
     *
     * @param objects that it lacks, of the first thousand differences
     * @param lag age of the oldest of them
     */
    record Behind(
            ClusterName cluster,
            StoreName store,
            long objects,
            long bytes,
            Optional<Duration> lag) {}

    @ParentCommand private ReplicateCommand replicate = new ReplicateCommand();

    @Mixin private final Output output = new Output();

    @Parameters(
            arity = "0..1",
            paramLabel = "CLUSTER",
            description = "Only this cluster's; else of all that are kept in more than one store.")
    private @Nullable String cluster;

    @Override
    public Integer call() throws InterruptedException {
        try (Session session = Session.open(replicate.options())) {
            List<SyncReport> reports =
                    StoreComparison.of(
                            session, Optional.ofNullable(cluster), Depth.LISTING, Duration.ZERO);
            List<Behind> behind = new ArrayList<>();
            for (SyncReport report : reports) {
                report.stores().forEach(store -> behind.add(behind(report, store)));
            }
            output.print(replicate.options().output(), "copies", behind, () -> text(behind));
            return ExitCode.OK.code();
        }
    }

    private static Behind behind(SyncReport report, StoreName store) {
        List<Difference> missing =
                report.differences().stream()
                        .filter(difference ->
                                difference.store().equals(store)
                                        && difference.kind() == Difference.Kind.MISSING)
                        .toList();
        Instant now = report.endedAt();
        return new Behind(
                report.cluster(),
                store,
                missing.size(),
                missing.stream().mapToLong(Difference::length).sum(),
                missing.stream()
                        .flatMap(difference -> difference.storedAt().stream())
                        .min(Comparator.naturalOrder())
                        .map(oldest -> Duration.between(oldest, now))
                        .map(lag -> lag.isNegative() ? Duration.ZERO : lag));
    }

    private void text(List<Behind> behind) {
        Table table = new Table("CLUSTER", "STORE", ">MISSING", ">SIZE", ">LAG");
        for (Behind one : behind) {
            table.row(
                    one.cluster(),
                    one.store(),
                    one.objects(),
                    Format.bytes(one.bytes()),
                    one.lag().map(Format::duration).orElse("0 s"));
        }
        output.print(table);
    }
}

package io.cairn.cli;

import io.cairn.sync.Depth;
import io.cairn.sync.Difference;
import io.cairn.sync.SyncLimits;
import io.cairn.sync.SyncReport;
import io.cairn.sync.Turns;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "verify",
        description = {
            "Compares all stores of a cluster with each other: what is missing, and whose digest, by the metadata, is"
                    + " not the one that was stored. Reads today's share of the bytes in full, with --all every byte."
                    + " Needs no private key.",
            "Nothing is written. What differs is repaired by the next comparison of the replication service, from the"
                    + " copy that is right.",
            "Exit code 0 if the stores are the same, 9 if not."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  cairn replicate verify",
            "  cairn replicate verify shop --all",
            "  cairn replicate verify shop -o json"
        })
final class ReplicateVerifyCommand implements Callable<Integer> {

    /** As the replication service's default: cairn.replication.sync.reread. */
    private static final int REREAD_DAYS = 30;

    @ParentCommand private ReplicateCommand replicate = new ReplicateCommand();

    @Mixin private final Output output = new Output();

    @Parameters(
            arity = "0..1",
            paramLabel = "CLUSTER",
            description = "Only this cluster's; else of all that are kept in more than one store.")
    private @Nullable String cluster;

    @Option(names = "--all", description = "Read every byte of every store.")
    private boolean all;

    @Override
    public Integer call() throws InterruptedException {
        try (Session session = Session.open(replicate.options())) {
            Depth depth =
                    all
                            ? Depth.EVERYTHING
                            : Depth.of(
                                    _ -> true,
                                    Turns.of(REREAD_DAYS, LocalDate.now(ZoneOffset.UTC)));
            List<SyncReport> reports =
                    StoreComparison.of(
                            session,
                            Optional.ofNullable(cluster),
                            depth,
                            SyncLimits.DEFAULT.settle());
            output.print(
                    replicate.options().output(),
                    "comparisons",
                    reports,
                    () -> reports.forEach(this::text));
            boolean same = reports.stream().allMatch(SyncReport::same);
            return (same ? ExitCode.OK : ExitCode.VERIFICATION_FAILED).code();
        }
    }

    private void text(SyncReport report) {
        output.line(
                "%s: %d objects in %s, %s compared, %s read: %s"
                        .formatted(
                                report.cluster(),
                                report.objects(),
                                String.join(
                                        " and ",
                                        report.stores().stream().map(Object::toString).toList()),
                                Format.bytes(report.bytesCompared()),
                                Format.bytes(report.bytesRead()),
                                report.same()
                                        ? "the same"
                                        : "%d missing, %d damaged, %d lost, %d undecided"
                                                .formatted(
                                                        report.missing(),
                                                        report.damaged(),
                                                        report.lost(),
                                                        report.undecided())));
        if (report.pending() > 0) {
            output.line("  %d objects are on their way".formatted(report.pending()));
        }
        for (Difference difference : report.differences()) {
            output.line(
                    "  %-9s %s in '%s' %s"
                            .formatted(
                                    difference.kind().name().toLowerCase(Locale.ROOT),
                                    difference.key(),
                                    difference.store(),
                                    difference.why()));
        }
    }
}

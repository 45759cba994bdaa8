package io.cairn.cli;

import io.cairn.model.Lsn;
import io.cairn.restore.recovery.RecoveryTarget;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** To which point a cluster is brought back: one of them, or none for the end of its WAL. */
final class TargetOptions {

    @Option(
            names = "--target-time",
            paramLabel = "TIME",
            description = "What was committed then, with a zone: '2026-11-22 18:00:00+01'.")
    private @Nullable String time;

    @Option(names = "--target-lsn", paramLabel = "LSN", description = "Up to this LSN.")
    private @Nullable String lsn;

    @Option(
            names = "--target-xid",
            paramLabel = "ID",
            description = "Up to the end of this transaction.")
    private @Nullable String xid;

    @Option(names = "--target-name", paramLabel = "NAME", description = "Up to this restore point.")
    private @Nullable String name;

    @Option(
            names = "--target-immediate",
            description = "The backup alone, as soon as it is consistent.")
    private boolean immediate;

    @Option(
            names = "--target-latest",
            description = "All WAL that is stored. The default, where any is.")
    private boolean latest;

    Optional<RecoveryTarget> target() {
        if (time != null) {
            return Optional.of(RecoveryTarget.time(time));
        }
        if (lsn != null) {
            return Optional.of(new RecoveryTarget.Lsn(Lsn.parse(lsn)));
        }
        if (xid != null) {
            return Optional.of(RecoveryTarget.xid(xid));
        }
        if (name != null) {
            return Optional.of(new RecoveryTarget.Name(name));
        }
        if (immediate) {
            return Optional.of(new RecoveryTarget.Immediate());
        }
        return latest ? Optional.of(new RecoveryTarget.Latest()) : Optional.empty();
    }
}

package io.cairn.restore.recovery;

import io.cairn.model.Lsn;
import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.server.LocalServer;
import io.cairn.postgres.server.PostgresBinaries;
import io.cairn.postgres.wal.TimelineHistory;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.target.TargetDirectory;
import io.cairn.restore.target.TargetErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings a restored directory to a plan's target. A server of the same major version is started on
 * it as a standby without a source, listening on a private socket, with a generated configuration;
 * it is fed the stored WAL and watched; when it stands at the target it is promoted to a new
 * timeline, or left there, and stopped.
 *
 * <p>Whatever fails, the server never promotes: it does not know the end of the WAL, and waits. The
 * directory then keeps {@code standby.signal}, so that started by hand it waits too, and the marker
 * of an unfinished restore ({@link TargetDirectory#MARKER}): run again, the restore keeps the files
 * that are still the backup's.
 *
 * <p>Thread-safe.
 */
public final class Recovery {

    /** Each but one raises at least one setting of five. */
    private static final int BOOTS_MAX = 7;

    private static final String SIGNAL = "standby.signal";

    private final RecoverySettings settings;

    public Recovery(RecoverySettings settings) {
        this.settings = settings;
    }

    /**
     * @param plan whose backup has been restored into its directory
     * @throws CairnException {@link ErrorCode#RECOVERY_TARGET_NOT_FOUND} if all WAL was replayed
     *     and the transaction or restore point was not in it; {@link ErrorCode#RECOVERY_FAILED} if
     *     replay stopped before the end of the WAL; why a segment cannot be read; {@code
     *     POSTGRES_…}
     * @throws InterruptedException if the calling thread was interrupted; no server runs any more
     */
    public RecoveryResult run(RecoveryPlan plan, RecoveryProgress progress)
            throws InterruptedException {
        long start = System.nanoTime();
        Path directory = plan.base().directory();
        PostgresBinaries binaries =
                PostgresBinaries.find(plan.commit().majorVersion(), settings.postgres());
        WalDirectory wal = WalDirectory.of(directory);
        try (WalFeeder feeder = feeder(plan, wal)) {
            prepare(plan, wal);
            feeder.start(new LooksForWal(directory, log(plan)));
            Ending.Reached reached = reach(plan, binaries, feeder, progress);
            if (reached.timeline().isEmpty()) {
                holdAt(reached.replayed(), plan);
            }
            for (Path tablespace : tablespaces(plan.base())) {
                TargetDirectory.finish(tablespace);
            }
            TargetDirectory.finish(directory);
            Files.deleteIfExists(log(plan));
            return reached.result(feeder.segments(), System.nanoTime() - start);
        } catch (IOException e) {
            throw TargetErrors.of(directory, e);
        }
    }

    /**
     * To be asked before anything is written.
     *
     * @throws CairnException {@link ErrorCode#POSTGRES_BINARIES_MISSING}
     */
    public void requireBinaries(RecoveryPlan plan) {
        PostgresBinaries.find(plan.commit().majorVersion(), settings.postgres());
    }

    private WalFeeder feeder(RecoveryPlan plan, WalDirectory wal) {
        return new WalFeeder(
                plan.source(),
                plan.wal(),
                plan.commit().stopLsn(),
                SegmentSize.of(plan.commit()),
                wal,
                settings);
    }

    private static void prepare(RecoveryPlan plan, WalDirectory wal) throws IOException {
        append(plan.base().directory(), SIGNAL, "");
        for (TimelineHistory history : plan.histories()) {
            String name = history.timeline().hex() + ".history";
            if (!wal.has(name)) {
                wal.place(name, ByteBuffer.wrap(history.content()));
            }
        }
    }

    private static void append(Path directory, String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        WalDirectory.ownAs(file, directory);
    }

    private static Path log(RecoveryPlan plan) {
        return Path.of(plan.base().directory() + ".recovery.log");
    }

    private Ending.Reached reach(
            RecoveryPlan plan,
            PostgresBinaries binaries,
            WalFeeder feeder,
            RecoveryProgress progress)
            throws InterruptedException, IOException {
        Map<String, String> raised = new LinkedHashMap<>();
        boolean hasTarget = true;
        for (int boot = 1; boot <= BOOTS_MAX; boot++) {
            switch (run(
                    plan,
                    builder(plan, binaries, raised, hasTarget),
                    feeder,
                    progress,
                    hasTarget)) {
                case Ending.Reached reached -> {
                    return reached;
                }
                case Ending.SettingsTooLow(var settingsToRaise) -> raised.putAll(settingsToRaise);
                case Ending.EndOfWal _ -> hasTarget = false;
            }
        }
        throw new CairnException(
                ErrorCode.RECOVERY_FAILED,
                "the server on " + plan.base().directory() + " asks for ever larger settings",
                "see its log " + log(plan));
    }

    private Ending run(
            RecoveryPlan plan,
            LocalServer.Builder builder,
            WalFeeder feeder,
            RecoveryProgress progress,
            boolean hasTarget)
            throws InterruptedException, IOException {
        long logStart = Files.exists(log(plan)) ? Files.size(log(plan)) : 0;
        try (LocalServer server = new Boot(builder, feeder).start()) {
            return new Follow(plan, server, feeder, settings, progress, logStart, hasTarget)
                    .toTheEnd();
        } catch (CairnException e) {
            Map<String, String> tooLow = RecoveryConfiguration.tooLow(log(plan), logStart);
            if (e.code() != ErrorCode.POSTGRES_BOOT_FAILED || tooLow.isEmpty()) {
                throw e;
            }
            return new Ending.SettingsTooLow(tooLow);
        }
    }

    private LocalServer.Builder builder(
            RecoveryPlan plan,
            PostgresBinaries binaries,
            Map<String, String> raised,
            boolean hasTarget) {
        LocalServer.Builder builder =
                LocalServer.on(binaries, plan.base().directory())
                        .privateSocket()
                        .ownConfigurationOnly()
                        .logFile(log(plan))
                        .startTimeout(settings.startTimeout())
                        .settings(RecoveryConfiguration.of(plan, settings, hasTarget))
                        .settings(raised);
        tablespaces(plan.base()).forEach(builder::alsoOwned);
        settings.sandbox().ifPresent(directory -> builder.sandboxed().runDirectoryIn(directory));
        return builder;
    }

    /** Those outside of the data directory. */
    private static List<Path> tablespaces(RestorePlan plan) {
        return plan.commit().archives().stream()
                .flatMap(archive -> archive.tablespace().stream())
                .filter(tablespace -> Path.of(tablespace.location()).isAbsolute())
                .map((Tablespace tablespace) ->
                        plan.tablespaces().directoryOf(tablespace, plan.directory()))
                .toList();
    }

    /**
     * Started again, the server would go on with the WAL it has behind the target: its own
     * configuration has to say where it stands.
     */
    private static void holdAt(Lsn position, RecoveryPlan plan) throws IOException {
        append(
                plan.base().directory(),
                "postgresql.auto.conf",
                """
                # Recovered by Cairn to %s; pg_promote() ends it there.
                recovery_target = ''
                recovery_target_time = ''
                recovery_target_xid = ''
                recovery_target_name = ''
                recovery_target_lsn = '%s'
                recovery_target_inclusive = 'off'
                recovery_target_action = 'pause'
                recovery_target_timeline = '%s'
                """
                        .formatted(plan.target(), position, plan.timeline()));
    }
}

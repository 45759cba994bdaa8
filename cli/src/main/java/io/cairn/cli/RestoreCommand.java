package io.cairn.cli;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.restore.engine.RestoreEngine;
import io.cairn.restore.engine.RestoreResult;
import io.cairn.restore.engine.RestoreSettings;
import io.cairn.restore.plan.BackupSelection;
import io.cairn.restore.plan.RestorePlan;
import io.cairn.restore.plan.RestorePlanner;
import io.cairn.restore.plan.RestoreRequest;
import io.cairn.restore.target.TablespaceMapping;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "restore",
        description = {
            "Restores a backup into an empty directory, from bucket and key alone.",
            "Every file is compared with the server's manifest. Nothing is started."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  cairn restore --cluster shop --target-dir /var/lib/postgresql/18/restored",
            "  cairn restore --cluster shop --set 20261122T020000Z-F --target-dir /restore/shop \\",
            "      --tablespace-map /srv/fast=/restore/fast"
        })
final class RestoreCommand implements Callable<Integer> {

    /** A plan in JSON output. */
    record Plan(
            ClusterName cluster,
            BackupLabel label,
            StoreName store,
            Path directory,
            long bytesToFetch,
            long bytesToWrite,
            long files,
            List<String> notes) {

        static Plan of(RestorePlan plan) {
            return new Plan(
                    plan.commit().cluster(),
                    plan.commit().label(),
                    plan.storeName(),
                    plan.directory(),
                    plan.bytesToFetch(),
                    plan.bytesToWrite(),
                    plan.files(),
                    plan.notes());
        }
    }

    /** A finished restore in JSON output. */
    record Restored(
            ClusterName cluster,
            BackupLabel label,
            StoreName store,
            Path directory,
            long bytesFetched,
            long bytesWritten,
            long files,
            long elapsedMillis) {

        static Restored of(RestoreResult result) {
            return new Restored(
                    result.commit().cluster(),
                    result.commit().label(),
                    result.store(),
                    result.directory(),
                    result.bytesFetched(),
                    result.bytesWritten(),
                    result.files(),
                    result.elapsed().toMillis());
        }
    }

    @ParentCommand private Cairn cairn = new Cairn();

    @Mixin private final Output output = new Output();

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            required = true,
            description = "The cluster's name in the configuration.")
    private String cluster = "";

    @Option(
            names = "--set",
            paramLabel = "LABEL",
            defaultValue = "latest",
            description =
                    "The backup's label, or latest: the newest that can be restored. Default: latest.")
    private String set = "latest";

    @Option(
            names = "--target-dir",
            paramLabel = "DIR",
            required = true,
            description = "Becomes the data directory; empty or not existing.")
    private Path directory = Path.of("");

    @Option(
            names = "--tablespace-map",
            paramLabel = "OLD=NEW",
            description = "Puts a tablespace into another directory than it had on the source.")
    private List<String> tablespaces = new ArrayList<>();

    @Option(
            names = "--system-identifier",
            paramLabel = "ID",
            description = "Which cluster, where it was created anew under its name.")
    private @Nullable String systemIdentifier;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Volumes fetched and decoded at once. Default: two for each core.")
    private @Nullable Integer threads;

    @Option(names = "--dry-run", description = "Makes and shows the plan, and ends.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        RestoreRequest request = request();
        try (Session session = Session.open(cairn.options())) {
            RestorePlan plan =
                    new RestorePlanner(session.lister(), session.identity(), GzipCodec.best())
                            .plan(request);
            plan.notes().forEach(output::warn);
            if (dryRun) {
                output.print(
                        cairn.options().output(),
                        "plan",
                        Plan.of(plan),
                        () -> output.line(describe(plan)));
                return ExitCode.OK.code();
            }
            output.note(describe(plan));
            RestoreResult result = restore(plan);
            output.print(
                    cairn.options().output(),
                    "restored",
                    Restored.of(result),
                    () -> output.line(describe(result)));
            return ExitCode.OK.code();
        }
    }

    private RestoreRequest request() {
        RestoreRequest request =
                RestoreRequest.of(new ClusterName(cluster), BackupSelection.parse(set), directory)
                        .withTablespaces(TablespaceMapping.parse(tablespaces));
        return systemIdentifier == null
                ? request
                : request.withSystemIdentifier(SystemIdentifier.parse(systemIdentifier));
    }

    private RestoreResult restore(RestorePlan plan) throws InterruptedException {
        RestoreSettings defaults = RestoreSettings.defaults();
        RestoreSettings settings =
                threads == null
                        ? defaults
                        : new RestoreSettings(
                                defaults.reading().withThreads(threads), defaults.syncThreads());
        try (Progress progress = Progress.onStandardError("restoring")) {
            return new RestoreEngine(settings).restore(plan, progress::update);
        }
    }

    private static String describe(RestorePlan plan) {
        return "plan: %s from store '%s' into %s: fetch %s, write %s in %d files"
                .formatted(
                        plan.commit().run(),
                        plan.storeName(),
                        plan.directory(),
                        Format.bytes(plan.bytesToFetch()),
                        Format.bytes(plan.bytesToWrite()),
                        plan.files());
    }

    private static String describe(RestoreResult result) {
        return "restored %s into %s: %s in %d files, %s, %s; every file agrees with the server's manifest%n"
                        .formatted(
                                result.commit().run(),
                                result.directory(),
                                Format.bytes(result.bytesWritten()),
                                result.files(),
                                Format.duration(result.elapsed()),
                                Format.rate(result.bytesWritten(), result.elapsed()))
                + "start it with PostgreSQL "
                + result.commit().majorVersion()
                + ": pg_ctl -D "
                + result.directory()
                + " start"
                + configurationElsewhere(result.directory());
    }

    /** Debian keeps a server's configuration outside of its data directory, so no backup has it. */
    private static String configurationElsewhere(Path directory) {
        return Files.exists(directory.resolve("postgresql.conf"))
                ? ""
                : "\n"
                        + "first put postgresql.conf, pg_hba.conf and pg_ident.conf there: its server"
                        + " kept them outside of the data directory, so they are in no backup"
                        + " (Debian: /etc/postgresql)";
    }
}

package io.cairn.cli;

import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.storage.ObjectStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "verify",
        description = {
            "Reads and decrypts all WAL of a cluster in every store, compares each object with the digest of the WAL"
                    + " that was stored, and looks for what is missing in between. Nothing is written.",
            "Exit code 0 if all is well, 9 if not."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  cairn wal verify --cluster shop",
            "  cairn wal verify --cluster shop --store secondary -o json"
        })
final class WalVerifyCommand implements Callable<Integer> {

    /** What was found in one store, in JSON output. */
    record Result(
            ClusterName cluster,
            SystemIdentifier systemIdentifier,
            StoreName store,
            boolean passed,
            long objects,
            long bytesRead,
            List<String> errors) {}

    @ParentCommand private WalCommand wal = new WalCommand();

    @Mixin private final Output output = new Output();

    @Option(
            names = "--cluster",
            required = true,
            paramLabel = "NAME",
            description = "Whose WAL is read.")
    private String cluster = "";

    @Option(names = "--store", paramLabel = "NAME", description = "Only what is in this store.")
    private @Nullable String store;

    @Override
    public Integer call() throws InterruptedException {
        try (Session session = Session.open(wal.options())) {
            X509Certificate anchor = session.trustAnchor();
            List<ObjectStore> stores = wanted(session);
            List<BackupReader> readers =
                    stores.stream().map(each -> new BackupReader(each, anchor)).toList();
            List<CopyProblem> problems = new ArrayList<>();
            List<WalRoots.Root> roots =
                    WalRoots.of(new ClusterName(cluster), readers, problems::add);
            // What cannot be read is not proven.
            problems.stream()
                    .filter(problem -> problem.layout().isEmpty())
                    .findFirst()
                    .ifPresent(problem -> {
                        throw problem.cause();
                    });
            List<Result> results = new ArrayList<>();
            for (WalRoots.Root root : roots) {
                for (ObjectStore each : stores) {
                    results.add(verify(root, each, session));
                }
            }
            if (results.stream().allMatch(result -> result.objects() == 0)) {
                throw new CairnException(
                        ErrorCode.BACKUP_NOT_FOUND,
                        "no WAL of cluster " + cluster + " is stored",
                        "see what there is with: cairn wal status");
            }
            output.print(
                    wal.options().output(),
                    "verifications",
                    results,
                    () -> results.forEach(this::text));
            boolean passed = results.stream().allMatch(Result::passed);
            return (passed ? ExitCode.OK : ExitCode.VERIFICATION_FAILED).code();
        }
    }

    private List<ObjectStore> wanted(Session session) {
        Optional<StoreName> name = Optional.ofNullable(store).map(StoreName::new);
        name.ifPresent(each -> session.config().store(each));
        return session.stores().stream()
                .filter(each -> name.filter(one -> !one.equals(each.name())).isEmpty())
                .toList();
    }

    private static Result verify(WalRoots.Root root, ObjectStore store, Session session)
            throws InterruptedException {
        try (Progress progress = Progress.onStandardError("reading WAL in " + store.name())) {
            WalVerification found =
                    WalVerification.of(root, store, session.identity(), progress::update);
            return new Result(
                    root.root().cluster(),
                    root.root().systemIdentifier(),
                    store.name(),
                    found.errors().isEmpty(),
                    found.objects(),
                    found.bytesRead(),
                    found.errors());
        }
    }

    private void text(Result result) {
        String what = "WAL of " + result.cluster() + " in '" + result.store() + "'";
        if (result.passed()) {
            output.line(
                    "ok      %s: %d objects, %s of WAL, nothing missing in between"
                            .formatted(what, result.objects(), Format.bytes(result.bytesRead())));
        } else {
            result.errors().forEach(error -> output.line("FAILED  " + what + ": " + error));
        }
    }
}

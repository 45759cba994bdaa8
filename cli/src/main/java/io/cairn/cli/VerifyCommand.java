package io.cairn.cli;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.contents.ReadSettings;
import io.cairn.restore.verify.Verification;
import io.cairn.restore.verify.Verifier;
import io.cairn.storage.ObjectStore;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
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
            "Reads every stored byte of a backup back and compares every file with the server's manifest.",
            "Every copy is read, unless --store names one. Nothing is written."
        },
        mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {

    /** The verification of one copy in JSON output. */
    record Result(
            ClusterName cluster,
            BackupLabel label,
            AttemptId attempt,
            StoreName store,
            boolean passed,
            long objects,
            long bytesRead,
            long files,
            Optional<String> object,
            Optional<String> error) {}

    @ParentCommand private Cairn cairn = new Cairn();

    @Mixin private final Output output = new Output();

    @Parameters(paramLabel = "LABEL", description = BackupReference.GRAMMAR)
    private String label = "";

    @Option(names = "--store", paramLabel = "NAME", description = "Only the copy in this store.")
    private @Nullable String store;

    @Override
    public Integer call() throws InterruptedException {
        BackupReference reference = BackupReference.parse(label);
        try (Session session = Session.open(cairn.options())) {
            ListedBackup backup = reference.resolve(session.lister());
            Verifier verifier =
                    new Verifier(
                            session.identity(), ReadSettings.defaults(), InstantSource.system());
            X509Certificate anchor = session.trustAnchor();
            List<Result> results = new ArrayList<>();
            List<CairnException> archived = new ArrayList<>();
            for (ObjectStore candidate : copies(session, backup)) {
                try {
                    results.add(
                            verify(verifier, new BackupReader(candidate, anchor), backup.commit()));
                } catch (CairnException e) {
                    if (e.code() != ErrorCode.STORE_OBJECT_ARCHIVED) {
                        throw e;
                    }
                    archived.add(e);
                }
            }
            output.print(
                    cairn.options().output(),
                    "verifications",
                    results,
                    () -> results.forEach(this::text));
            if (!results.stream().allMatch(Result::passed)) {
                return ExitCode.VERIFICATION_FAILED.code();
            }
            if (!archived.isEmpty()) {
                throw archived.getFirst();
            }
            return ExitCode.OK.code();
        }
    }

    private List<ObjectStore> copies(Session session, ListedBackup backup) {
        List<StoreName> holding =
                backup.copiesOf(backup.commit().attempt()).stream()
                        .map(StoredBackup::store)
                        .toList();
        Optional<StoreName> wanted = Optional.ofNullable(store).map(StoreName::new);
        wanted.ifPresent(name -> session.config().store(name));
        List<ObjectStore> copies =
                session.stores().stream()
                        .filter(each ->
                                wanted.map(each.name()::equals)
                                        .orElse(holding.contains(each.name())))
                        .toList();
        if (copies.isEmpty()) {
            throw new CairnException(
                    ErrorCode.BACKUP_NOT_FOUND,
                    backup.commit().run() + " has no copy there",
                    "cairn show lists the copies");
        }
        return copies;
    }

    private Result verify(Verifier verifier, BackupReader reader, CommitObject commit)
            throws InterruptedException {
        try (Progress progress = Progress.onStandardError("reading " + reader.name())) {
            Verification verification =
                    verifier.verify(
                            reader,
                            commit.layout(),
                            commit.attempt(),
                            done -> progress.update(done, commit.bytesIn()));
            return switch (verification) {
                case Verification.Passed passed ->
                        new Result(
                                commit.cluster(),
                                commit.label(),
                                commit.attempt(),
                                reader.name(),
                                true,
                                passed.objects(),
                                passed.bytesRead(),
                                passed.files(),
                                Optional.empty(),
                                Optional.empty());
                // Nothing was proven, and nothing is wrong with the backup.
                case Verification.Failed failed
                        when failed.cause().code() == ErrorCode.KEY_CANNOT_DECRYPT ->
                        throw failed.cause();
                case Verification.Failed failed
                        when failed.cause().code() == ErrorCode.STORE_OBJECT_ARCHIVED ->
                        throw archived(reader, failed);
                case Verification.Failed failed ->
                        new Result(
                                commit.cluster(),
                                commit.label(),
                                commit.attempt(),
                                reader.name(),
                                false,
                                0,
                                0,
                                0,
                                Optional.of(failed.object().value()),
                                Optional.of(failed.cause().messageWithHint()));
            };
        }
    }

    private static CairnException archived(BackupReader reader, Verification.Failed failed) {
        return new CairnException(
                ErrorCode.STORE_OBJECT_ARCHIVED,
                "the copy in '%s' is not verified: %s is in an archive class"
                        .formatted(reader.name(), failed.object()),
                "verify another copy with --store; cairn restore thaws this one, and while that"
                        + " lasts it can be verified too",
                failed.cause());
    }

    private void text(Result result) {
        String run =
                result.cluster()
                        + ":"
                        + result.label()
                        + BackupReference.parse(label)
                                .attempt()
                                .map(attempt -> "@" + attempt)
                                .orElse("");
        if (result.passed()) {
            output.line(
                    "ok      %s in '%s': %d objects, %s read, %d files as the server's manifest says"
                            .formatted(
                                    run,
                                    result.store(),
                                    result.objects(),
                                    Format.bytes(result.bytesRead()),
                                    result.files()));
        } else {
            output.line(
                    "FAILED  %s in '%s': %s"
                            .formatted(run, result.store(), result.error().orElse("")));
        }
    }
}

package io.cairn.cli;

import io.cairn.archive.key.Identity;
import io.cairn.archive.key.Recipients;
import io.cairn.config.SecretReference;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.key.KeyRotation;
import io.cairn.storage.ObjectStore;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "rotate",
        description = {
            "Wraps every backup's and every WAL stream's key for the recipients that are configured now. Archives are not"
                    + " touched.",
            "Phase one adds a wrap beside those that are there, in every store, and proves it: the new wraps are read back"
                    + " and opened with the new private key. The old key goes on opening everything.",
            "Phase two, --retire, removes the older wraps, once every new one is proven again.",
            "Both may be broken off and called again. A rotation does not undo a stolen key: whoever had it may have"
                    + " opened everything before."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  cairn key rotate shop --dry-run",
            "  cairn key rotate --proof-identity new.p12 --proof-password file:new.password",
            "  cairn key rotate --retire"
        })
final class KeyRotateCommand implements Callable<Integer> {

    /** Keys worked on at once. */
    private static final int THREADS = 16;

    static final String STOLEN =
            "A rotation does not undo a stolen key: whoever had it may have opened everything before.";

    /** An older wrap that stays, in JSON output. */
    record KeptRow(StoreName store, String object, Optional<Instant> until) {}

    /** What became of one of a cluster's lives, in JSON output. */
    record Row(
            ClusterName cluster,
            SystemIdentifier systemIdentifier,
            boolean dryRun,
            int keys,
            int added,
            int proven,
            int removed,
            List<KeptRow> kept,
            List<String> errors) {

        static Row of(KeyRotation.Report report, boolean dryRun) {
            return new Row(
                    report.root().cluster(),
                    report.root().systemIdentifier(),
                    dryRun,
                    report.keys(),
                    report.added(),
                    report.proven(),
                    report.removed(),
                    report.kept().stream()
                            .map(kept ->
                                    new KeptRow(kept.store(), kept.wrap().value(), kept.until()))
                            .toList(),
                    report.problems().stream()
                            .map(problem ->
                                    problem.key() + ": " + problem.cause().messageWithHint())
                            .toList());
        }
    }

    @ParentCommand private KeyCommand key = new KeyCommand();

    @Mixin private final Output output = new Output();

    @Parameters(
            paramLabel = "CLUSTER",
            arity = "0..*",
            description = "Only these clusters; all that are in the stores unless said otherwise.")
    private List<String> clusters = new ArrayList<>();

    @Option(
            names = "--dry-run",
            description = "Says what would be added or removed, and which locks stand against it.")
    private boolean dryRun;

    @Option(
            names = "--retire",
            description = "Phase two: removes the older wraps once every new one is proven.")
    private boolean retire;

    @Option(
            names = "--proof-identity",
            paramLabel = "FILE",
            description = {
                "PKCS#12 file with a new recipient's private key, which proves the new wraps. May be given for several.",
                "Default: keys.identity of the configuration."
            })
    private List<Path> proofs = new ArrayList<>();

    @Option(
            names = "--proof-password",
            paramLabel = "REFERENCE",
            description = "Where the password of these files is: env:NAME or file:/path.")
    private @Nullable String password;

    @Override
    public Integer call() throws InterruptedException {
        List<ClusterName> named = clusters.stream().map(ClusterName::new).toList();
        try (Session session = Session.open(key.options())) {
            KeyRotation rotation =
                    new KeyRotation(
                            session.stores(),
                            session.trustAnchor(),
                            Recipients.read(session.config().keys().recipients()),
                            identities(session),
                            InstantSource.system(),
                            THREADS);
            List<Row> rows = new ArrayList<>();
            for (ClusterRoot root : roots(session, rotation, named)) {
                rows.add(Row.of(rotate(rotation, root), dryRun));
            }
            output.print(key.options().output(), "rotations", rows, () -> rows.forEach(this::text));
            output.note(STOLEN);
            return (rows.stream().allMatch(row -> row.errors().isEmpty())
                            ? ExitCode.OK
                            : ExitCode.VERIFICATION_FAILED)
                    .code();
        }
    }

    private KeyRotation.Report rotate(KeyRotation rotation, ClusterRoot root)
            throws InterruptedException {
        try (Progress progress =
                Progress.onStandardError(root.cluster().value(), Progress.Unit.OBJECTS)) {
            return retire
                    ? rotation.retire(root, dryRun, progress::update)
                    : rotation.add(root, dryRun, progress::update);
        }
    }

    /** The configured one, which opens what is there now, and those that prove what is new. */
    private List<Identity> identities(Session session) {
        List<Identity> identities = new ArrayList<>();
        if (session.config().keys().identity().isPresent() || proofs.isEmpty()) {
            identities.add(session.identity());
        }
        for (Path file : proofs) {
            if (password == null) {
                throw new CairnException(
                        ErrorCode.REQUEST_INVALID,
                        "--proof-identity needs its password",
                        "add --proof-password env:NAME or file:/path");
            }
            identities.add(Identity.read(file, new SecretReference(password).resolve().chars()));
        }
        return identities;
    }

    private static List<ClusterRoot> roots(
            Session session, KeyRotation rotation, List<ClusterName> named) {
        SortedSet<ClusterName> wanted = new TreeSet<>(named);
        if (named.isEmpty()) {
            X509Certificate anchor = session.trustAnchor();
            for (ObjectStore store : session.stores()) {
                wanted.addAll(new BackupReader(store, anchor).clusters());
            }
        }
        List<ClusterRoot> roots =
                wanted.stream().flatMap(cluster -> rotation.roots(cluster).stream()).toList();
        if (roots.isEmpty()) {
            throw new CairnException(
                    ErrorCode.BACKUP_NOT_FOUND,
                    "nothing is stored of " + (named.isEmpty() ? "any cluster" : named),
                    "see what there is with: cairn list");
        }
        return roots;
    }

    private void text(Row row) {
        String whose = row.cluster() + " (system " + row.systemIdentifier() + "): ";
        String would = dryRun ? "would be " : "";
        output.line(
                retire
                        ? "%s%d keys, %d older wraps %sremoved, %d kept"
                                .formatted(
                                        whose, row.keys(), row.removed(), would, row.kept().size())
                        : "%s%d keys, %d wraps %sadded, %d keys proven"
                                .formatted(whose, row.keys(), row.added(), would, row.proven()));
        row.kept()
                .forEach(kept ->
                        output.line(
                                "  kept    %s in '%s' %s"
                                        .formatted(
                                                kept.object(),
                                                kept.store(),
                                                kept.until()
                                                        .map(until -> "locked until " + until)
                                                        .orElse("under a legal hold"))));
        row.errors().forEach(error -> output.line("  FAILED  " + error));
        if (retire && !row.errors().isEmpty()) {
            output.line("  Nothing was removed.");
        }
        if (!retire && !dryRun && row.errors().isEmpty()) {
            output.line(
                    "  Both keys open everything now. Give the new identity to validators and operators, then: cairn key rotate --retire");
        }
    }
}

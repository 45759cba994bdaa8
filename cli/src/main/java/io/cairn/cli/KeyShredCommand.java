package io.cairn.cli;

import io.cairn.model.ClusterName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Caller;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.key.KeyShredding;
import io.cairn.storage.ObjectStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "shred",
        description = {
            "Removes every key of a cluster from every store: nothing opens its backups and its WAL again, for ever.",
            "Asks for the cluster's name and its system identifier. Refused while a lock or a hold keeps any of its"
                    + " backups. End its executors' streams first: what is stored later has keys of its own."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  cairn key shred shop",
            "  cairn key shred shop --confirm shop --system-identifier 7412345678901234567"
        })
final class KeyShredCommand implements Callable<Integer> {

    /** Objects removed at once. */
    private static final int THREADS = 16;

    /** In JSON output. */
    record Row(ClusterName cluster, SystemIdentifier systemIdentifier, int keys, int removed) {}

    @ParentCommand private KeyCommand key = new KeyCommand();

    @Mixin private final Output output = new Output();

    @Parameters(paramLabel = "CLUSTER", description = "Whose keys are shredded.")
    private String cluster = "";

    @Option(
            names = "--confirm",
            paramLabel = "NAME",
            description = "For scripts: the cluster's name once more.")
    private @Nullable String confirmed;

    @Option(
            names = "--system-identifier",
            paramLabel = "ID",
            description = "For scripts: the cluster's system identifier, as in cairn show.")
    private @Nullable String identifier;

    @Override
    public Integer call() throws InterruptedException {
        ClusterName name = new ClusterName(cluster);
        try (Session session = Session.open(key.options())) {
            Set<ClusterRoot> lives = lives(session, name);
            KeyShredding shredding =
                    new KeyShredding(session.stores(), InstantSource.system(), THREADS);
            ClusterRoot root = confirm(name, lives, shredding);
            KeyShredding.Extent extent;
            try (Progress progress = Progress.onStandardError("shredding", Progress.Unit.OBJECTS)) {
                extent = shredding.shred(root, Caller.current(), progress::update);
            }
            Row row = new Row(name, root.systemIdentifier(), extent.keys(), extent.wraps());
            output.print(
                    key.options().output(),
                    "shredded",
                    row,
                    () ->
                            output.line(
                                    "%d keys of %s (system %s) are shredded: %d objects removed from %d stores."
                                            .formatted(
                                                    row.keys(),
                                                    name,
                                                    row.systemIdentifier(),
                                                    row.removed(),
                                                    session.stores().size())));
            return ExitCode.OK.code();
        }
    }

    private static Set<ClusterRoot> lives(Session session, ClusterName name) {
        X509Certificate anchor = session.trustAnchor();
        Set<ClusterRoot> lives = new LinkedHashSet<>();
        for (ObjectStore store : session.stores()) {
            lives.addAll(new BackupReader(store, anchor).roots(name));
        }
        if (lives.isEmpty()) {
            throw new CairnException(
                    ErrorCode.BACKUP_NOT_FOUND,
                    "nothing is stored of cluster '" + name + "'",
                    "see what there is with: cairn list");
        }
        return lives;
    }

    /** Shows what there is and what stands against it, then asks twice. */
    private ClusterRoot confirm(ClusterName name, Set<ClusterRoot> lives, KeyShredding shredding)
            throws InterruptedException {
        for (ClusterRoot life : lives) {
            KeyShredding.Extent extent = shredding.plan(life);
            output.note(
                    "%s (system %s) has %d keys. Without them none of its backups opens again, for ever."
                            .formatted(name, life.systemIdentifier(), extent.keys()));
        }
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String typedName = confirmed != null ? confirmed : ask(in, "Type the cluster's name: ");
        if (!typedName.equals(name.value())) {
            throw notConfirmed("'" + typedName + "' is not '" + name + "'");
        }
        String typed = identifier != null ? identifier : ask(in, "Type its system identifier: ");
        return lives.stream()
                .filter(life -> life.systemIdentifier().toString().equals(typed))
                .findFirst()
                .orElseThrow(() ->
                        notConfirmed(
                                "'"
                                        + typed
                                        + "' is not the system identifier of "
                                        + name
                                        + ", which is "
                                        + lives.stream()
                                                .map(ClusterRoot::systemIdentifier)
                                                .map(Object::toString)
                                                .collect(Collectors.joining(" or "))));
    }

    private String ask(BufferedReader in, String question) {
        output.note(question);
        try {
            String line = in.readLine();
            return line == null ? "" : line.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CairnException notConfirmed(String why) {
        return new CairnException(
                ErrorCode.REQUEST_INVALID,
                why + ": nothing was changed",
                "in scripts give --confirm NAME --system-identifier ID");
    }
}

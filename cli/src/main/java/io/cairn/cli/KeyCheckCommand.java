package io.cairn.cli;

import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.Identity;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.key.CertificateEnd;
import io.cairn.restore.key.KeyCheck;
import io.cairn.storage.ObjectStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "check",
        description = {
            "Proves that the configured private key opens the newest backup, and the newest WAL, of every cluster in"
                    + " every store, and that an executor signed them; and says when certificates end. Nothing is"
                    + " written.",
            "Exit code 0 if every key opens, 8 if a store cannot be asked, 9 if a key does not open."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  cairn key check", "  cairn key check shop -o json"})
final class KeyCheckCommand implements Callable<Integer> {

    /** What was found of one key, in JSON output. */
    record Row(
            ClusterName cluster,
            StoreName store,
            Optional<String> backup,
            Optional<String> object,
            boolean opens,
            Optional<String> error) {

        static Row of(KeyCheck.Finding finding) {
            return new Row(
                    finding.cluster(),
                    finding.store(),
                    finding.backup().map(CommitObject::label).map(Object::toString),
                    finding.object().map(Object::toString),
                    finding.opens(),
                    finding.problem().map(CairnException::messageWithHint));
        }
    }

    @ParentCommand private KeyCommand key = new KeyCommand();

    @Mixin private final Output output = new Output();

    @Parameters(paramLabel = "CLUSTER", arity = "0..*", description = "Only these clusters.")
    private List<String> clusters = new ArrayList<>();

    @Override
    public Integer call() {
        List<ClusterName> named = clusters.stream().map(ClusterName::new).toList();
        try (Session session = Session.open(key.options())) {
            Identity identity = session.identity();
            List<CertificateEnd> certificates = certificates(session, identity);
            List<KeyCheck.Finding> findings = findings(session, identity, named);
            List<Row> rows = findings.stream().map(Row::of).toList();
            Map<String, Object> results = new LinkedHashMap<>();
            results.put("keys", rows);
            results.put("certificates", certificates);
            output.print(key.options().output(), results, () -> text(rows, certificates));
            certificates.forEach(this::warn);
            return exit(findings).code();
        }
    }

    private static List<KeyCheck.Finding> findings(
            Session session, Identity identity, List<ClusterName> named) {
        X509Certificate anchor = session.trustAnchor();
        KeyCheck check = new KeyCheck(identity);
        List<KeyCheck.Finding> findings = new ArrayList<>();
        SortedSet<ClusterName> wanted = new TreeSet<>(named);
        if (named.isEmpty()) {
            wanted.addAll(session.config().clusters().keySet());
            wanted.addAll(session.lister().clusters(_ -> {}));
        }
        for (ClusterName cluster : wanted) {
            for (ObjectStore store : session.stores()) {
                findings.addAll(check.check(cluster, new BackupReader(store, anchor)));
            }
        }
        return findings;
    }

    private static List<CertificateEnd> certificates(Session session, Identity identity) {
        Instant now = Instant.now();
        List<CertificateEnd> ends = new ArrayList<>();
        session.config()
                .keys()
                .recipients()
                .forEach(file ->
                        ends.add(CertificateEnd.of("recipient", Certificates.read(file), now)));
        ends.add(CertificateEnd.of("identity", identity.certificate(), now));
        ends.add(CertificateEnd.of("trust anchor", session.trustAnchor(), now));
        return ends;
    }

    private static ExitCode exit(List<KeyCheck.Finding> findings) {
        if (findings.stream().anyMatch(KeyCheck.Finding::failed)) {
            return ExitCode.VERIFICATION_FAILED;
        }
        return findings.stream().allMatch(KeyCheck.Finding::opens)
                ? ExitCode.OK
                : ExitCode.UNREACHABLE;
    }

    private void text(List<Row> rows, List<CertificateEnd> certificates) {
        for (Row row : rows) {
            String what =
                    row.cluster()
                            + " in '"
                            + row.store()
                            + "'"
                            + row.backup().map(label -> ": " + label).orElse("");
            String object = row.object().map(key -> ", " + key).orElse("");
            output.line(
                    row.opens()
                            ? "ok      " + what + object
                            : "FAILED  " + what + ": " + row.error().orElse(""));
        }
        if (rows.isEmpty()) {
            output.line("Nothing is stored, so there is no key to open.");
        }
        for (CertificateEnd end : certificates) {
            output.line(
                    "%-7s %s %s, serial %s, until %s"
                            .formatted(
                                    switch (end.state()) {
                                        case VALID -> "ok";
                                        case ENDING -> "warning";
                                        case ENDED -> "ENDED";
                                    },
                                    end.role(),
                                    end.subject(),
                                    end.serial(),
                                    end.notAfter()));
        }
    }

    private void warn(CertificateEnd end) {
        if (end.state() != CertificateEnd.State.VALID && end.role().equals("recipient")) {
            output.warn(
                    "the recipient's certificate of "
                            + end.subject()
                            + (end.state() == CertificateEnd.State.ENDED ? " ended " : " ends ")
                            + end.notAfter()
                            + ": no backup is taken for it afterwards. hint: name a new one under keys.recipients, restart the executors, then cairn key rotate");
        }
    }
}

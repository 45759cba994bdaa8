package io.cairn.cli;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Certificates;
import io.cairn.config.ClusterConfig;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.postgres.connection.ClusterConnector;
import io.cairn.postgres.preflight.CheckResult;
import io.cairn.postgres.preflight.CheckResult.Level;
import io.cairn.postgres.preflight.Preflight;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "check",
        description = {
            "Tries everything that a backup and a restore need, and says how to mend what does not work.",
            "Nothing that lasts is changed, in the clusters or in the stores, but that each primary gets the",
            "restore point 'cairn_check' and goes on in a new WAL segment."
        },
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

    @ParentCommand private Cairn cairn = new Cairn();

    @Mixin private final Output output = new Output();

    @Parameters(
            paramLabel = "CLUSTER",
            arity = "0..*",
            description = "Only these clusters, and the stores of their tiers.")
    private List<String> clusters = new ArrayList<>();

    @Override
    public Integer call() {
        try (Session session = Session.open(cairn.options())) {
            List<ClusterConfig> chosen =
                    clusters.isEmpty()
                            ? List.copyOf(session.config().clusters().values())
                            : clusters.stream()
                                    .map(ClusterName::new)
                                    .map(session.config()::cluster)
                                    .toList();
            List<CheckResult> results = new ArrayList<>();
            results.add(codec());
            if (session.config().stores().isEmpty()) {
                results.add(clustersAlone());
            } else {
                results.addAll(keys(session));
                results.addAll(
                        StoreChecks.of(session.config(), session.stores(), tiers(chosen)).run());
            }
            chosen.forEach(cluster -> results.addAll(preflight(session, cluster).run()));

            output.print(cairn.options().output(), "checks", results, () -> table(results));
            return (Preflight.passed(results) ? ExitCode.OK : ExitCode.ERROR).code();
        }
    }

    private static Preflight preflight(Session session, ClusterConfig cluster) {
        return new Preflight(
                new ClusterConnector(cluster), session.config().policy(cluster.tier()));
    }

    private static CheckResult codec() {
        GzipCodec codec = GzipCodec.best();
        return codec.name().startsWith("libdeflate")
                ? ok("this machine", "gzip", codec.name())
                : new CheckResult(
                        "this machine",
                        "gzip",
                        Level.WARNING,
                        codec.name() + ": backups take twice as long",
                        Optional.of("apt-get install libdeflate0"));
    }

    private static CheckResult clustersAlone() {
        return new CheckResult(
                "stores and keys",
                "none named",
                Level.WARNING,
                "only the clusters are checked",
                Optional.of(
                        "deploy/local/up --config FILE adds its own; docs/configuration.md shows how to name yours"));
    }

    private static List<CheckResult> keys(Session session) {
        List<CheckResult> results = new ArrayList<>();
        session.config()
                .keys()
                .recipients()
                .forEach(file ->
                        results.add(
                                attempt(
                                        "keys",
                                        "recipient " + file.getFileName(),
                                        () -> {
                                            var certificate = Certificates.read(file);
                                            return certificate.getSubjectX500Principal().getName()
                                                    + ", until "
                                                    + certificate.getNotAfter().toInstant();
                                        })));
        results.add(
                attempt(
                        "keys",
                        "trust anchor",
                        () -> session.trustAnchor().getSubjectX500Principal().getName()));
        results.add(
                attempt(
                        "keys",
                        "identity",
                        () -> {
                            var certificate = session.identity().certificate();
                            return certificate.getSubjectX500Principal().getName() + " opens";
                        }));
        return results;
    }

    private static Set<Tier> tiers(List<ClusterConfig> chosen) {
        Set<Tier> tiers = EnumSet.noneOf(Tier.class);
        chosen.forEach(cluster -> tiers.add(cluster.tier()));
        return tiers;
    }

    private static CheckResult attempt(String subject, String name, Supplier<String> check) {
        try {
            return ok(subject, name, check.get());
        } catch (CairnException e) {
            return new CheckResult(subject, name, Level.FAILED, e.getMessage(), e.hint());
        }
    }

    private static CheckResult ok(String subject, String name, String detail) {
        return new CheckResult(subject, name, Level.OK, detail, Optional.empty());
    }

    private void table(List<CheckResult> results) {
        String subject = "";
        for (CheckResult result : results) {
            if (!result.subject().equals(subject)) {
                subject = result.subject();
                output.line(subject);
            }
            output.line(
                    "  %-7s %-22s %s"
                            .formatted(mark(result.level()), result.name(), result.detail()));
            result.hint().ifPresent(hint -> output.line("          hint: " + hint));
        }
        long failed = results.stream().filter(result -> !result.ok()).count();
        output.line(
                failed == 0
                        ? "Backups can be taken."
                        : failed + (failed == 1 ? " check" : " checks") + " failed.");
    }

    private static String mark(Level level) {
        return switch (level) {
            case OK -> "ok";
            case WARNING -> "warning";
            case FAILED -> "FAILED";
        };
    }
}

package io.cairn.validator.intake;

import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.Identity;
import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.config.KeysConfig;
import io.cairn.events.BackupCompleted;
import io.cairn.events.CairnEvent;
import io.cairn.events.EventEnvelope;
import io.cairn.events.ValidationDue;
import io.cairn.events.ValidationFailed;
import io.cairn.model.BackupKind;
import io.cairn.model.RunId;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.drill.Drill;
import io.cairn.restore.verify.Verifier;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.cairn.validator.proof.Proof;
import io.cairn.validator.proof.Subject;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Has backups proven and publishes what was found. */
@ApplicationScoped
class Proofs {

    private static final Logger LOG = Logger.getLogger(Proofs.class);
    private static final Set<BackupKind> RESTORABLE = Set.of(BackupKind.FULL, BackupKind.SNAPSHOT);

    /** A commit object of a hundred thousand volumes takes 25 MB. */
    private static final int COMMIT_BYTES_MAX = 64 << 20;

    private final CairnConfig config;
    private final Stores stores;
    private final EventPublisher publisher;
    private final InstantSource clock;
    private final X509Certificate trustAnchor;
    private final Path scratch;
    private final Drill drill;
    private final Proof proof;
    private final ProofMetrics metrics;

    @Inject
    Proofs(
            CairnConfig config,
            ValidatorSettings settings,
            Stores stores,
            EventPublisher publisher,
            ProofMetrics metrics,
            InstantSource clock,
            RandomGenerator random) {
        this.config = config;
        this.stores = stores;
        this.publisher = publisher;
        this.metrics = metrics;
        this.clock = clock;
        this.trustAnchor =
                Certificates.read(
                        config.keys()
                                .trustAnchor()
                                .orElseThrow(() ->
                                        missing(
                                                "trustAnchor",
                                                "the certificate that executors' signatures chain to")));
        KeysConfig.Pkcs12 file =
                config.keys()
                        .identity()
                        .orElseThrow(
                                () -> missing("identity", "the PKCS#12 file of a recipient's key"));
        Identity identity = identity(file);
        this.scratch = settings.scratch();
        this.drill =
                new Drill(
                        settings.toDrillSettings(config.postgres()), identity, clock, random);
        this.proof =
                new Proof(
                        new Verifier(identity, settings.toReadSettings(), clock), drill, clock);
    }

    private static Identity identity(KeysConfig.Pkcs12 file) {
        char[] password = file.password().resolve().chars();
        try {
            return Identity.read(file.file(), password);
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    /**
     * Called at the start, so that a mistake is seen then and not with the first backup: the keys
     * have been read, and there is a place for drills, without what killed ones left.
     *
     * @throws CairnException {@link ErrorCode#TARGET_UNWRITABLE}
     */
    void requireReady() {
        try {
            Files.createDirectories(scratch);
            if (!Files.isWritable(scratch)) {
                throw new AccessDeniedException(scratch.toString());
            }
            drill.cleanUp();
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.TARGET_UNWRITABLE,
                    "cannot write into the scratch directory " + scratch + ": " + e,
                    "set CAIRN_VALIDATOR_SCRATCH to a directory on a disk with room for the largest cluster",
                    e);
        }
    }

    private static CairnException missing(String key, String what) {
        return new CairnException(
                ErrorCode.CONFIG_INVALID,
                "the validator needs keys: " + key + " in the configuration",
                "name " + what);
    }

    void prove(BackupCompleted completed, EventEnvelope<?> cause) throws InterruptedException {
        prove(Subject.of(completed), cause);
    }

    /**
     * Proves the newest backup of every cluster anew. What is newer, but is not an executor's or
     * cannot be understood, fails its validation. Clusters that cannot be listed are told at the
     * end.
     */
    void proveNewest(ValidationDue due, EventEnvelope<?> cause) throws InterruptedException {
        if (clock.instant().isAfter(due.startDeadline())) {
            LOG.warnf(
                    "The validation due at %s is skipped: its start deadline passed", due.dueAt());
            return;
        }
        List<CairnException> failures = new ArrayList<>();
        for (ClusterConfig cluster : config.clusters().values()) {
            try {
                proveNewest(cluster, cause, failures::add);
            } catch (CairnException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            CairnException first = failures.getFirst();
            failures.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
    }

    private void proveNewest(
            ClusterConfig cluster, EventEnvelope<?> cause, Consumer<CairnException> failures)
            throws InterruptedException {
        BackupLister lister =
                new BackupLister(List.of(reader(config.policy(cluster.tier()).run().active())));
        List<CopyProblem> passedOver = new ArrayList<>();
        Optional<Subject> newest;
        try (Stream<ListedBackup> newestFirst =
                lister.newestFirst(cluster.name(), RESTORABLE, passedOver::add)) {
            newest = newestFirst.findFirst().map(backup -> Subject.of(backup.copies().getFirst()));
        }
        for (CopyProblem problem : passedOver) {
            Optional<Subject> claimed = claimed(problem);
            if (claimed.isPresent()) {
                prove(claimed.get(), cause);
            } else {
                failures.accept(problem.cause());
            }
        }
        if (newest.isPresent()) {
            prove(newest.get(), cause);
        }
    }

    /**
     * What a commit object that nobody vouches for says it is: enough to name it in the finding. No
     * more than its attempt and tier is taken from it.
     */
    private Optional<Subject> claimed(CopyProblem problem) {
        if (problem.layout().isEmpty() || problem.cause().category() == ErrorCategory.TRANSIENT) {
            return Optional.empty();
        }
        BackupLayout layout = problem.layout().get();
        try {
            byte[] json = stores.store(problem.store()).read(layout.commit(), COMMIT_BYTES_MAX);
            CommitObject commit = CommitObject.fromJson(json, layout.commit().value());
            return Optional.of(
                    new Subject(
                            new RunId(layout.root().cluster(), layout.label()),
                            commit.tier(),
                            commit.attempt(),
                            problem.store(),
                            layout));
        } catch (CairnException e) {
            problem.cause().addSuppressed(e);
            return Optional.empty();
        }
    }

    private void prove(Subject subject, EventEnvelope<?> cause) throws InterruptedException {
        LOG.infof("%s: reading every byte back, then a drill", subject);
        Duration objective = config.policy(subject.tier()).run().rto();
        proof.run(
                reader(subject.store()),
                subject,
                objective,
                fact -> {
                    publisher.publish(fact, Optional.of(cause));
                    metrics.found(fact);
                    log(fact);
                });
    }

    private BackupReader reader(StoreName store) {
        return new BackupReader(stores.store(store), trustAnchor);
    }

    private static void log(CairnEvent fact) {
        if (fact instanceof ValidationFailed failed) {
            LOG.errorf("%s", failed);
        } else {
            LOG.infof("%s", fact);
        }
    }
}

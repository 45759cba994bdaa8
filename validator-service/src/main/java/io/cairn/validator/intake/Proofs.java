package io.cairn.validator.intake;

import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.Identity;
import io.cairn.config.CairnConfig;
import io.cairn.events.BackupCompleted;
import io.cairn.events.CairnEvent;
import io.cairn.events.DrillDue;
import io.cairn.events.EventEnvelope;
import io.cairn.events.ValidationDue;
import io.cairn.events.ValidationFailed;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.drill.Drill;
import io.cairn.restore.identity.Identities;
import io.cairn.restore.verify.Verifier;
import io.cairn.service.events.EventPublisher;
import io.cairn.service.storage.Stores;
import io.cairn.validator.daily.DailyValidation;
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
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/** Has backups proven and publishes what was found. */
@ApplicationScoped
class Proofs {

    private static final Logger LOG = Logger.getLogger(Proofs.class);

    private final CairnConfig config;
    private final Stores stores;
    private final EventPublisher publisher;
    private final InstantSource clock;
    private final X509Certificate trustAnchor;
    private final Path scratch;
    private final Drill drill;
    private final Proof proof;
    private final DailyValidation daily;
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
        Identity identity = Identities.open(config.keys());
        this.scratch = settings.scratch();
        this.drill =
                new Drill(settings.toDrillSettings(config.postgres()), identity, clock, random);
        this.proof =
                new Proof(
                        new Verifier(identity, settings.toReadSettings(), clock),
                        drill,
                        clock,
                        random);
        this.daily =
                new DailyValidation(
                        config, this::reader, proof, settings.toRereadSettings(), clock);
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

    /** The parts of a due validation become due themselves. */
    void share(ValidationDue due, EventEnvelope<?> cause) {
        if (clock.instant().isAfter(due.startDeadline())) {
            LOG.warnf(
                    "The validation due at %s is skipped: its start deadline passed", due.dueAt());
            return;
        }
        daily.parts(due).forEach(part -> publisher.publish(part, Optional.of(cause)));
    }

    void prove(DrillDue due, EventEnvelope<?> cause) throws InterruptedException {
        LOG.infof("%s", due);
        daily.run(due, fact -> tell(fact, Optional.of(cause)));
    }

    private void prove(Subject subject, EventEnvelope<?> cause) throws InterruptedException {
        LOG.infof("%s: reading every byte back, then a drill", subject);
        Duration objective = config.policy(subject.tier()).run().rto();
        proof.run(
                reader(subject.store()),
                subject,
                objective,
                fact -> tell(fact, Optional.of(cause)));
    }

    /** What no event made happen. */
    void tell(CairnEvent fact) {
        tell(fact, Optional.empty());
    }

    void tell(CairnEvent fact, Optional<EventEnvelope<?>> cause) {
        publisher.publish(fact, cause);
        metrics.found(fact);
        log(fact);
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

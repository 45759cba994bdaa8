package io.cairn.validator.daily;

import io.cairn.config.CairnConfig;
import io.cairn.config.ClusterConfig;
import io.cairn.events.CairnEvent;
import io.cairn.events.DrillDue;
import io.cairn.events.RestoreDrillCompleted;
import io.cairn.events.ValidationDue;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.policy.RtoForecast;
import io.cairn.model.policy.RunPolicy;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.recovery.RecoveryPlanner;
import io.cairn.validator.proof.Proof;
import io.cairn.validator.proof.Subject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What is done every day although nothing was backed up anew: each cluster's newest chain is
 * drilled to a point in time, from one store after another; and every backup is read again once in
 * so many days, in every store. A due validation becomes many small due events, each of which any
 * validator may do by itself. Thread-safe.
 */
public final class DailyValidation {

    private static final Logger LOG = Logger.getLogger(DailyValidation.class);

    /** A day's work is worth doing until the next day's is due. */
    private static final Duration WORTH_DOING = Duration.ofDays(1);

    private static final Set<BackupKind> BASES =
            Set.of(BackupKind.FULL, BackupKind.INCREMENTAL, BackupKind.SNAPSHOT);

    private final CairnConfig config;
    private final Function<StoreName, BackupReader> readers;
    private final Proof proof;
    private final RereadSettings rereads;
    private final InstantSource clock;

    /**
     * @param readers the configured stores
     */
    public DailyValidation(
            CairnConfig config,
            Function<StoreName, BackupReader> readers,
            Proof proof,
            RereadSettings rereads,
            InstantSource clock) {
        this.config = config;
        this.readers = readers;
        this.proof = proof;
        this.rereads = rereads;
        this.clock = clock;
    }

    /** What becomes due with a validation: the same whoever asks. */
    public List<DrillDue> parts(ValidationDue due) {
        List<DrillDue> parts = new ArrayList<>();
        for (ClusterConfig cluster : config.clusters().values()) {
            List<StoreName> copies = policy(cluster).copies();
            parts.add(
                    part(
                            cluster.name(),
                            Turns.stores(copies, cluster.name(), due.dueAt()).getFirst(),
                            DrillDue.Work.POINT_IN_TIME,
                            due));
        }
        // Drills tell more, so that they are begun with.
        for (ClusterConfig cluster : config.clusters().values()) {
            for (StoreName store : policy(cluster).copies()) {
                parts.add(part(cluster.name(), store, DrillDue.Work.REREAD, due));
            }
        }
        return parts;
    }

    private static DrillDue part(
            ClusterName cluster, StoreName store, DrillDue.Work work, ValidationDue due) {
        return new DrillDue(
                cluster,
                store,
                work,
                due.dueAt(),
                due.dueAt().plus(WORTH_DOING),
                Optional.empty(),
                Optional.empty());
    }

    private RunPolicy policy(ClusterConfig cluster) {
        return config.policy(cluster.tier()).run();
    }

    /**
     * Does one part.
     *
     * @param facts is told what was found, and what became due; each call returns when it is
     *     durable
     * @throws CairnException of category {@link ErrorCategory#TRANSIENT} if a store that is needed
     *     is away; of another if what is asked for is unknown here
     */
    public void run(DrillDue due, Consumer<CairnEvent> facts) throws InterruptedException {
        ClusterConfig cluster = config.cluster(due.cluster());
        boolean late = clock.instant().isAfter(due.startDeadline());
        switch (due.work()) {
            case POINT_IN_TIME -> drill(cluster, due, late, facts);
            case REREAD -> {
                if (late) {
                    LOG.warnf("%s is passed over: its start deadline passed", due);
                } else {
                    rereads(cluster, due, facts);
                }
            }
            // What became due is done, however late: its next turn is far.
            case VERIFY -> verify(due, facts);
        }
    }

    // Drills
    // ----------------------------------------------------------------------------------------------------------

    private void drill(
            ClusterConfig cluster, DrillDue due, boolean late, Consumer<CairnEvent> facts)
            throws InterruptedException {
        List<StoreName> stores =
                Stream.concat(Stream.of(due.store()), policy(cluster).copies().stream())
                        .distinct()
                        .toList();
        List<CopyProblem> problems = new ArrayList<>();
        Optional<ListedBackup> newest = newest(cluster.name(), due, stores, problems::add);
        tell(problems, facts);
        if (newest.isEmpty()) {
            requireAllRead(problems);
            LOG.infof("%s has no backup that could be drilled", cluster.name());
            return;
        }
        if (late) {
            Subject subject = Subject.of(newest.get().copies().getFirst());
            facts.accept(proof.skipped(subject, "its turn did not come before the next day's"));
            return;
        }
        drill(newest.get(), stores, due, policy(cluster).rto(), facts);
    }

    /** What is away may have what is looked for. */
    private static void requireAllRead(List<CopyProblem> problems) {
        problems.stream()
                .map(CopyProblem::cause)
                .filter(e -> e.category() == ErrorCategory.TRANSIENT)
                .findFirst()
                .ifPresent(e -> {
                    throw e;
                });
    }

    /** The newest that a recovery would begin with and that was there when the drill was due. */
    private Optional<ListedBackup> newest(
            ClusterName cluster,
            DrillDue due,
            List<StoreName> stores,
            Consumer<CopyProblem> problems) {
        BackupLister lister = new BackupLister(stores.stream().map(readers).toList());
        try (Stream<ListedBackup> newestFirst = lister.newestFirst(cluster, BASES, problems)) {
            return newestFirst
                    .filter(backup -> RecoveryPlanner.isBase(backup.commit()))
                    .filter(backup -> !backup.commit().completedAt().isAfter(due.dueAt()))
                    .findFirst();
        }
    }

    /** A copy that nobody vouches for, or that cannot be understood, fails its validation. */
    private void tell(List<CopyProblem> problems, Consumer<CairnEvent> facts)
            throws InterruptedException {
        for (CopyProblem problem : problems) {
            BackupReader reader = readers.apply(problem.store());
            Optional<Subject> claimed = ClaimedBackup.of(problem, reader.store());
            if (claimed.isPresent()) {
                proof.verify(reader, claimed.get(), facts);
            } else {
                LOG.warnf("passed over for the daily drill: %s", problem.message());
            }
        }
    }

    /** The first store from which it is restored is enough; of those before it is told why not. */
    private void drill(
            ListedBackup backup,
            List<StoreName> stores,
            DrillDue due,
            Duration rto,
            Consumer<CairnEvent> facts)
            throws InterruptedException {
        Optional<CairnException> away = Optional.empty();
        for (StoreName store : stores) {
            Optional<StoredBackup> copy =
                    backup.copies().stream().filter(each -> each.store().equals(store)).findFirst();
            Subject subject = Subject.of(copy.orElse(backup.copies().getFirst())).in(store);
            if (copy.isEmpty()) {
                facts.accept(proof.skipped(subject, "it is not in this store, or cannot be read"));
                continue;
            }
            try {
                CairnEvent found =
                        proof.drill(
                                readers.apply(store),
                                subject,
                                rto,
                                Optional.of(new DrillMoment(due.cluster(), due.dueAt())));
                facts.accept(withForecast(found, subject.layout().root(), store));
                if (found instanceof RestoreDrillCompleted) {
                    return;
                }
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.TRANSIENT) {
                    throw e;
                }
                facts.accept(proof.skipped(subject, e.getMessage()));
                away = Optional.of(e);
            }
        }
        if (away.isPresent()) {
            throw away.get();
        }
    }

    /** The sizes are those of the fulls in the store that was drilled from. */
    private CairnEvent withForecast(CairnEvent found, ClusterRoot root, StoreName store) {
        if (!(found instanceof RestoreDrillCompleted drilled)) {
            return found;
        }
        Instant now = drilled.completedAt();
        Instant from = now.minus(RtoForecast.WINDOW);
        try (Stream<ListedBackup> fulls =
                new BackupLister(List.of(readers.apply(store)))
                        .newestFirst(
                                drilled.cluster(),
                                label ->
                                        label.kind() == BackupKind.FULL
                                                && label.due().isAfter(from),
                                _ -> {})) {
            List<RtoForecast.Size> sizes =
                    fulls.filter(full -> full.layout().root().equals(root))
                            .map(ListedBackup::commit)
                            .map(full -> new RtoForecast.Size(full.completedAt(), full.bytesIn()))
                            .toList();
            return RtoForecast.of(now, drilled.rto(), drilled.rtoObjective(), sizes)
                    .map(drilled::with)
                    .orElse(drilled);
        } catch (CairnException e) {
            // What was drilled stands without it.
            LOG.warnf("no forecast of %s: %s", drilled.cluster(), e.getMessage());
            return drilled;
        }
    }

    // Reading again
    // ---------------------------------------------------------------------------------------------------

    /** Of those whose turn it is, the newest first, as many as the day's bytes allow. */
    private void rereads(ClusterConfig cluster, DrillDue due, Consumer<CairnEvent> facts)
            throws InterruptedException {
        List<CopyProblem> problems = new ArrayList<>();
        List<StoredBackup> turn;
        try (Stream<ListedBackup> listed =
                new BackupLister(List.of(readers.apply(due.store())))
                        .newestFirst(
                                cluster.name(),
                                label -> Turns.rereads(label, due.dueAt(), rereads.every()),
                                problems::add)) {
            turn = listed.map(backup -> backup.copies().getFirst()).toList();
        }
        tell(problems, facts);
        requireAllRead(problems);
        long bytes = 0;
        for (StoredBackup backup : turn) {
            bytes += backup.commit().bytesStored();
            if (bytes > rereads.bytesMax()) {
                facts.accept(
                        proof.skipped(
                                Subject.of(backup),
                                "it is not read again: the day's bytes are used up"));
            } else {
                facts.accept(verification(backup, due));
            }
        }
    }

    private static DrillDue verification(StoredBackup backup, DrillDue due) {
        return new DrillDue(
                due.cluster(),
                due.store(),
                DrillDue.Work.VERIFY,
                due.dueAt(),
                due.startDeadline(),
                Optional.of(backup.commit().systemIdentifier()),
                Optional.of(backup.commit().label()));
    }

    private void verify(DrillDue due, Consumer<CairnEvent> facts) throws InterruptedException {
        SystemIdentifier identifier =
                due.systemIdentifier()
                        .orElseThrow(() -> CairnException.bug(due + " names no system"));
        BackupLabel label =
                due.label().orElseThrow(() -> CairnException.bug(due + " names no backup"));
        BackupLayout layout = new BackupLayout(new ClusterRoot(due.cluster(), identifier), label);
        BackupReader reader = readers.apply(due.store());
        List<CopyProblem> problems = new ArrayList<>();
        Optional<StoredBackup> backup = Optional.empty();
        try {
            backup = reader.find(layout);
        } catch (CairnException e) {
            if (e.category() == ErrorCategory.TRANSIENT) {
                throw e;
            }
            problems.add(new CopyProblem(due.store(), layout, e));
        }
        tell(problems, facts);
        if (backup.isPresent()) {
            proof.verify(reader, Subject.of(backup.get()), facts);
        }
    }
}

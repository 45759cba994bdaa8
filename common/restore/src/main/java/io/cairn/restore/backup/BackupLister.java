package io.cairn.restore.backup;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is in several stores, without a catalog. A store that cannot be read is a problem in the
 * answer as long as another one can. Thread-safe.
 */
public final class BackupLister {

    /** Commit objects read at once. */
    private static final int PARALLEL_READS = 16;

    private static final Comparator<BackupLayout> BY_TIME =
            Comparator.comparing(BackupLayout::label)
                    .thenComparing(layout -> layout.root().systemIdentifier().toString());

    private final List<BackupReader> readers;

    /**
     * @param readers in the order in which copies are preferred, at least one
     */
    public BackupLister(List<BackupReader> readers) {
        this.readers = List.copyOf(readers);
        if (readers.isEmpty()) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "no store is configured",
                    "name at least one bucket under 'stores'");
        }
    }

    /**
     * The clusters that have anything in any of the stores.
     *
     * @param problems is told which stores cannot be read: what only they have is not in the answer
     * @throws CairnException the first store's, if no store can be read
     */
    public SortedSet<ClusterName> clusters(Consumer<CopyProblem> problems) {
        List<CopyProblem> ofStores = new ArrayList<>();
        SortedSet<ClusterName> clusters = new TreeSet<>();
        fromEvery(ofStores, BackupReader::clusters).forEach(clusters::addAll);
        ofStores.forEach(problems);
        return clusters;
    }

    /**
     * Every completed backup of a cluster.
     *
     * @throws CairnException the first store's, if no store can be read
     */
    public BackupListing list(ClusterName cluster) {
        List<CopyProblem> problems = new ArrayList<>();
        List<BackupLayout> layouts = layouts(cluster, problems);
        List<ListedBackup> backups = new ArrayList<>();
        for (Found found : find(layouts)) {
            if (found.copies().isEmpty()) {
                problems.addAll(found.problems());
            } else {
                backups.add(new ListedBackup(found.layout(), found.copies(), found.problems()));
            }
        }
        return new BackupListing(backups, distinct(problems));
    }

    /** Of a store that is away every backup says the same. */
    private static List<CopyProblem> distinct(List<CopyProblem> problems) {
        return List.copyOf(
                problems.stream()
                        .collect(
                                Collectors.toMap(
                                        CopyProblem::message,
                                        Function.identity(),
                                        (first, _) -> first,
                                        LinkedHashMap::new))
                        .values());
    }

    /**
     * The backups of that label: one, or one per system identifier if the cluster was created anew.
     *
     * @throws CairnException {@link ErrorCode#BACKUP_NOT_FOUND}; what is wrong with the only copy,
     *     if none is usable
     */
    public List<ListedBackup> find(ClusterName cluster, BackupLabel label) {
        List<CopyProblem> problems = new ArrayList<>();
        return found(cluster + ":" + label, find(layouts(cluster, label, problems)), problems);
    }

    /**
     * One attempt at the run of that label: the backup of that name, or an attempt that came second
     * to it.
     *
     * @throws CairnException as {@link #find(ClusterName, BackupLabel)}
     */
    public List<ListedBackup> find(ClusterName cluster, BackupLabel label, AttemptId attempt) {
        List<CopyProblem> problems = new ArrayList<>();
        return found(
                cluster + ":" + label + "@" + attempt,
                layouts(cluster, label, problems).stream()
                        .map(layout -> find(layout, reader -> reader.find(layout, attempt)))
                        .toList(),
                problems);
    }

    private List<BackupLayout> layouts(
            ClusterName cluster, BackupLabel label, List<CopyProblem> problems) {
        return roots(cluster, problems).stream()
                .map(root -> new BackupLayout(root, label))
                .filter(layout -> !isExpired(layout, problems))
                .toList();
    }

    private static List<ListedBackup> found(
            String what, List<Found> all, List<CopyProblem> problems) {
        List<ListedBackup> backups = new ArrayList<>();
        for (Found found : all) {
            if (!found.copies().isEmpty()) {
                backups.add(new ListedBackup(found.layout(), found.copies(), found.problems()));
            }
            problems.addAll(found.problems());
        }
        if (backups.isEmpty()) {
            throw CopyProblem.notFound(what, problems);
        }
        return backups;
    }

    /**
     * The attempts that were committed beside some backups and came second, in the backups' order.
     * Takes a listing of every backup's commit objects in every store.
     *
     * @param problems is told what cannot be read
     */
    public List<ListedBackup> seconds(List<ListedBackup> backups, Consumer<CopyProblem> problems) {
        return inParallel(backups, this::seconds).stream()
                .flatMap(List::stream)
                .flatMap(found -> {
                    found.problems().forEach(problems);
                    return found.copies().isEmpty()
                            ? Stream.empty()
                            : Stream.of(
                                    new ListedBackup(found.layout(), found.copies(), List.of()));
                })
                .toList();
    }

    private List<Found> seconds(ListedBackup backup) {
        List<CopyProblem> problems = new ArrayList<>();
        SortedSet<AttemptId> attempts = new TreeSet<>();
        backup.copies().forEach(copy -> attempts.add(copy.commit().attempt()));
        for (BackupReader reader : readers) {
            try {
                attempts.addAll(reader.secondAttempts(backup.layout()));
            } catch (CairnException e) {
                problems.add(new CopyProblem(reader.name(), e));
            }
        }
        attempts.remove(backup.commit().attempt());
        List<Found> found = new ArrayList<>();
        found.add(new Found(backup.layout(), List.of(), problems));
        for (AttemptId attempt : attempts) {
            found.add(find(backup.layout(), reader -> reader.find(backup.layout(), attempt)));
        }
        return found;
    }

    /**
     * The completed backups of some kinds, newest first, each read only when it is asked for.
     *
     * @param problems is told which stores and which backups cannot be read
     */
    public Stream<ListedBackup> newestFirst(
            ClusterName cluster, Set<BackupKind> kinds, Consumer<CopyProblem> problems) {
        return newestFirst(cluster, label -> kinds.contains(label.kind()), problems);
    }

    /** As the other, of the labels that are wanted. */
    public Stream<ListedBackup> newestFirst(
            ClusterName cluster, Predicate<BackupLabel> wanted, Consumer<CopyProblem> problems) {
        List<CopyProblem> ofStores = new ArrayList<>();
        List<BackupLayout> layouts = layouts(cluster, ofStores);
        ofStores.forEach(problems);
        return layouts.reversed().stream()
                .filter(layout -> wanted.test(layout.label()))
                .map(this::find)
                .peek(found -> found.problems().forEach(problems))
                .filter(found -> !found.copies().isEmpty())
                .map(found -> new ListedBackup(found.layout(), found.copies(), found.problems()));
    }

    /** Of every store, in the order in which copies are preferred. */
    public List<BackupReader> readers() {
        return readers;
    }

    /** The reader of one of the stores. */
    public BackupReader reader(StoreName store) {
        return readers.stream()
                .filter(reader -> reader.name().equals(store))
                .findFirst()
                .orElseThrow(() -> CairnException.bug("no store " + store));
    }

    /** The labels of a store, and those of them that a tombstone there says have expired. */
    private record Labels(List<BackupLayout> there, List<BackupLayout> expired) {

        static Labels of(BackupReader reader, ClusterName cluster) {
            List<BackupLayout> there = new ArrayList<>();
            List<BackupLayout> expired = new ArrayList<>();
            for (ClusterRoot root : reader.roots(cluster)) {
                reader.labels(root).forEach(label -> there.add(new BackupLayout(root, label)));
                reader.tombstones(root)
                        .forEach(label -> expired.add(new BackupLayout(root, label)));
            }
            return new Labels(there, expired);
        }
    }

    /**
     * Every label under which anything lies, oldest first, without those that have expired: a
     * tombstone in one store counts for all.
     */
    private List<BackupLayout> layouts(ClusterName cluster, List<CopyProblem> problems) {
        SortedSet<BackupLayout> layouts = new TreeSet<>(BY_TIME);
        List<Labels> found = fromEvery(problems, reader -> Labels.of(reader, cluster));
        found.forEach(labels -> layouts.addAll(labels.there()));
        found.forEach(labels -> labels.expired().forEach(layouts::remove));
        return List.copyOf(layouts);
    }

    private boolean isExpired(BackupLayout layout, List<CopyProblem> problems) {
        return fromEvery(problems, reader -> reader.isExpired(layout)).contains(true);
    }

    /**
     * A cluster's lives in any of the stores.
     *
     * @throws CairnException the first store's, if no store can be read
     */
    public List<ClusterRoot> roots(ClusterName cluster) {
        return roots(cluster, new ArrayList<>());
    }

    private List<ClusterRoot> roots(ClusterName cluster, List<CopyProblem> problems) {
        return fromEvery(problems, reader -> reader.roots(cluster)).stream()
                .flatMap(List::stream)
                .distinct()
                .toList();
    }

    private <T> List<T> fromEvery(List<CopyProblem> problems, Function<BackupReader, T> question) {
        List<T> answers = new ArrayList<>();
        for (BackupReader reader : readers) {
            try {
                answers.add(question.apply(reader));
            } catch (CairnException e) {
                problems.add(new CopyProblem(reader.name(), e));
            }
        }
        if (answers.isEmpty()) {
            throw problems.getFirst().cause();
        }
        return answers;
    }

    /** What every store has of one backup. */
    private record Found(
            BackupLayout layout, List<StoredBackup> copies, List<CopyProblem> problems) {}

    private List<Found> find(List<BackupLayout> layouts) {
        return inParallel(layouts, this::find);
    }

    private static <S, T> List<T> inParallel(List<S> subjects, Function<S, T> question) {
        try (ExecutorService threads =
                Executors.newFixedThreadPool(PARALLEL_READS, Thread.ofVirtual().factory())) {
            List<CompletableFuture<T>> pending =
                    subjects.stream()
                            .map(subject ->
                                    CompletableFuture.supplyAsync(
                                            () -> question.apply(subject), threads))
                            .toList();
            return pending.stream().map(BackupLister::await).toList();
        }
    }

    private static <T> T await(CompletableFuture<T> pending) {
        try {
            return pending.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private Found find(BackupLayout layout) {
        return find(layout, reader -> reader.find(layout));
    }

    private Found find(
            BackupLayout layout, Function<BackupReader, Optional<StoredBackup>> question) {
        List<StoredBackup> copies = new ArrayList<>();
        List<CopyProblem> problems = new ArrayList<>();
        for (BackupReader reader : readers) {
            try {
                question.apply(reader).ifPresent(copies::add);
            } catch (CairnException e) {
                problems.add(new CopyProblem(reader.name(), layout, e));
            }
        }
        // In the order of the stores, save where their writers disagreed.
        copies.sort(Comparator.comparing(StoredBackup::commit, CommitObject.FIRST));
        return new Found(layout, copies, problems);
    }
}

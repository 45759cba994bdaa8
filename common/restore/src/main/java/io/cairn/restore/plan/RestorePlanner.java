package io.cairn.restore.plan;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.archive.key.Identity;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.RunId;
import io.cairn.model.backup.Archive;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.backup.StoredBackup;
import io.cairn.restore.contents.BackupContents;
import io.cairn.restore.contents.BackupOpener;
import io.cairn.restore.contents.OpenedBackup;
import io.cairn.restore.database.DatabaseSelection;
import io.cairn.restore.database.Databases;
import io.cairn.restore.incremental.IncrementalChain;
import io.cairn.restore.target.SpaceNeeded;
import io.cairn.restore.target.TablespaceMapping;
import io.cairn.restore.target.TargetDirectory;
import io.cairn.storage.ObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Plans restores from the stores alone: no catalog, no broker. Reads the backup's key, manifest and
 * index, so that what cannot work is refused before anything is written. Thread-safe.
 */
public final class RestorePlanner {

    private static final Set<BackupKind> SELF_CONTAINED =
            Set.of(BackupKind.FULL, BackupKind.SNAPSHOT);

    private final BackupLister lister;
    private final Identity identity;
    private final GzipCodec codec;

    /**
     * @param lister the stores, in the order in which copies are preferred
     * @param identity a recipient's private key
     */
    public RestorePlanner(BackupLister lister, Identity identity, GzipCodec codec) {
        this.lister = lister;
        this.identity = identity;
        this.codec = codec;
    }

    /**
     * @throws CairnException {@link ErrorCode#TARGET_NOT_EMPTY}, {@link ErrorCode#TARGET_LIVE},
     *     {@link ErrorCode#TARGET_NO_SPACE}, {@link ErrorCode#BACKUP_NOT_FOUND}, {@link
     *     ErrorCode#KIND_UNSUPPORTED}, {@link ErrorCode#REQUEST_INVALID}, {@link
     *     ErrorCode#KEY_CANNOT_DECRYPT}; what is wrong with the preferred copy, if no copy is
     *     usable
     */
    public RestorePlan plan(RestoreRequest request) {
        TargetDirectory.requireUsable(request.directory());
        List<String> notes = new ArrayList<>();
        OpenedBackup backup =
                switch (request.selection()) {
                    case BackupSelection.Latest _ -> latest(request, notes);
                    case BackupSelection.Labelled(var label) ->
                            open(
                                    request,
                                    only(request, lister.find(request.cluster(), label)),
                                    notes);
                    case BackupSelection.Attempt(var label, var attempt) ->
                            open(
                                    request,
                                    only(request, lister.find(request.cluster(), label, attempt)),
                                    notes);
                };
        noteDamage(backup.commit(), notes);
        requireTablespaces(request, backup.commit());
        List<OpenedBackup> before = before(request, backup.commit(), notes);
        List<OpenedBackup> chain = Stream.concat(before.stream(), Stream.of(backup)).toList();
        DatabaseSelection databases = databases(request, chain);
        SpaceNeeded space = space(request, chain, databases);
        space.requireFree();
        return new RestorePlan(
                backup.contents(),
                backup.store(),
                backup.others(),
                before,
                databases,
                request.recovers(),
                request.directory(),
                request.tablespaces(),
                space,
                notes);
    }

    private OpenedBackup latest(RestoreRequest request, List<String> notes) {
        List<CopyProblem> unread = new ArrayList<>();
        List<CopyProblem> unusable = new ArrayList<>();
        Iterator<ListedBackup> newestFirst =
                lister.newestFirst(request.cluster(), SELF_CONTAINED, unread::add).iterator();
        while (newestFirst.hasNext()) {
            ListedBackup backup = newestFirst.next();
            Optional<String> reason = passedOver(request, backup);
            if (reason.isPresent()) {
                notes.add(backup.commit().label() + " was passed over: " + reason.get());
                continue;
            }
            try {
                OpenedBackup copy = open(request, backup, notes);
                noteUnread(unread, backup, notes);
                return copy;
            } catch (CairnException e) {
                if (e.category() != ErrorCategory.CORRUPTION) {
                    throw e;
                }
                unusable.add(
                        new CopyProblem(backup.copies().getFirst().store(), backup.layout(), e));
                notes.add(backup.commit().label() + " was passed over: " + e.getMessage());
            }
        }
        unread.addAll(unusable);
        throw CopyProblem.notFound(
                "of cluster " + request.cluster() + " that can be restored", unread);
    }

    /** A newer backup that could not be read may be the one that was wanted. */
    private static void noteUnread(
            List<CopyProblem> unread, ListedBackup chosen, List<String> notes) {
        unread.stream()
                .filter(problem -> !problem.layout().equals(Optional.of(chosen.layout())))
                .map(problem -> "passed over in " + problem.message())
                .distinct()
                .forEach(notes::add);
    }

    private static Optional<String> passedOver(RestoreRequest request, ListedBackup backup) {
        CommitObject commit = backup.commit();
        if (request.systemIdentifier()
                .filter(id -> !id.equals(commit.systemIdentifier()))
                .isPresent()) {
            return Optional.of("it is of system identifier " + commit.systemIdentifier());
        }
        if (commit.damaged()) {
            return Optional.of("pages were damaged at the source");
        }
        return unsupported(request, commit);
    }

    private static Optional<String> unsupported(RestoreRequest request, CommitObject commit) {
        boolean onTop = commit.kind() == BackupKind.INCREMENTAL && commit.parent().isPresent();
        if (!SELF_CONTAINED.contains(commit.kind()) && !onTop) {
            return Optional.of("it is not self-contained, but " + commit.kind());
        }
        return commit.includesWal() || request.recovers()
                ? Optional.empty()
                : Optional.of("it does not carry the WAL it needs");
    }

    private static ListedBackup only(RestoreRequest request, List<ListedBackup> backups) {
        List<ListedBackup> wanted =
                backups.stream()
                        .filter(backup ->
                                request.systemIdentifier()
                                        .filter(id ->
                                                !id.equals(backup.commit().systemIdentifier()))
                                        .isEmpty())
                        .toList();
        if (wanted.isEmpty()) {
            throw CopyProblem.notFound(
                    request.cluster()
                            + " of system identifier "
                            + request.systemIdentifier().orElseThrow(),
                    List.of());
        }
        if (wanted.size() > 1) {
            RunId backup = wanted.getFirst().commit().run();
            List<String> identifiers =
                    wanted.stream()
                            .map(each -> each.commit().systemIdentifier().toString())
                            .toList();
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    backup
                            + " exists for several system identifiers: "
                            + String.join(", ", identifiers),
                    "say which with --system-identifier");
        }
        return wanted.getFirst();
    }

    /** What an incremental backup is on top of, the full one first. */
    private List<OpenedBackup> before(
            RestoreRequest request, CommitObject commit, List<String> notes) {
        LinkedList<OpenedBackup> before = new LinkedList<>();
        CommitObject child = commit;
        while (child.parent().isPresent()) {
            OpenedBackup parent = parent(request, child, notes);
            before.addFirst(parent);
            child = parent.commit();
        }
        if (!SELF_CONTAINED.contains(child.kind())) {
            throw brokenChain(child, "it is on top of nothing");
        }
        return before;
    }

    private OpenedBackup parent(RestoreRequest request, CommitObject child, List<String> notes) {
        BackupLabel label = child.parent().orElseThrow();
        if (label.compareTo(child.label()) >= 0) {
            throw brokenChain(child, "it is on top of " + label + ", which is not older");
        }
        RestoreRequest same = request.withSystemIdentifier(child.systemIdentifier()).forRecovery();
        List<ListedBackup> found =
                child.parentAttempt()
                        .map(attempt -> lister.find(request.cluster(), label, attempt))
                        .orElseGet(() -> lister.find(request.cluster(), label));
        return open(same, only(same, found), notes);
    }

    private static CairnException brokenChain(CommitObject commit, String why) {
        return new CairnException(
                ErrorCode.COMMIT_INVALID,
                commit.run() + " cannot be restored: " + why,
                "restore the full backup before it");
    }

    /**
     * The first copy that is complete and opens, in the order of the stores; one with archived
     * volumes only where every other one has them too.
     */
    private OpenedBackup open(RestoreRequest request, ListedBackup backup, List<String> notes) {
        unsupported(request, backup.commit())
                .ifPresent(reason -> {
                    throw new CairnException(
                            ErrorCode.KIND_UNSUPPORTED,
                            backup.commit().run() + " cannot be restored by itself: " + reason,
                            "choose a full backup: cairn list");
                });
        List<CopyProblem> problems = new ArrayList<>(backup.problems());
        List<OpenedBackup> archived = new ArrayList<>();
        for (StoredBackup copy : backup.copies()) {
            BackupReader reader = lister.reader(copy.store());
            try {
                boolean readable = reader.requireComplete(copy.commit());
                BackupContents contents =
                        new BackupOpener(reader.store(), identity, codec).open(copy.commit());
                OpenedBackup opened = new OpenedBackup(contents, reader.store(), others(reader));
                if (backup.copies().size() > 1 && !readable) {
                    archived.add(opened);
                } else {
                    problems.forEach(problem -> notes.add("not read from " + problem.message()));
                    noteAttempt(backup, copy, notes);
                    return opened;
                }
            } catch (CairnException e) {
                problems.add(new CopyProblem(copy.store(), backup.layout(), e));
            }
        }
        if (!archived.isEmpty()) {
            problems.forEach(problem -> notes.add("not read from " + problem.message()));
            return archived.getFirst();
        }
        return together(backup, problems, notes)
                .orElseThrow(
                        () -> CopyProblem.notFound(backup.commit().run().toString(), problems));
    }

    /** Where only the attempt that comes second can be read. */
    private static void noteAttempt(ListedBackup backup, StoredBackup read, List<String> notes) {
        if (!read.commit().attempt().equals(backup.commit().attempt())) {
            notes.add(
                    "%s was committed twice; attempt %s is read, which comes second"
                            .formatted(backup.commit().label(), read.commit().attempt()));
        }
    }

    /** Where no copy is whole: what all stores hold between them. */
    private Optional<OpenedBackup> together(
            ListedBackup backup, List<CopyProblem> problems, List<String> notes) {
        StoredBackup first = backup.copies().getFirst();
        BackupReader reader = lister.reader(first.store());
        if (!missingEverywhere(first.commit()).isEmpty()) {
            return Optional.empty();
        }
        try {
            List<ObjectStore> others = others(reader);
            BackupContents contents =
                    new BackupOpener(
                                    Stream.concat(Stream.of(reader.store()), others.stream())
                                            .toList(),
                                    identity,
                                    codec)
                            .open(first.commit());
            notes.add(
                    first.commit().label()
                            + " is whole in no store; its parts are read from wherever they are");
            problems.forEach(problem -> notes.add("not read from " + problem.message()));
            return Optional.of(new OpenedBackup(contents, reader.store(), others));
        } catch (CairnException e) {
            problems.add(new CopyProblem(first.store(), backup.layout(), e));
            return Optional.empty();
        }
    }

    private Set<StoredObject> missingEverywhere(CommitObject commit) {
        Set<StoredObject> missing = commit.parts().collect(Collectors.toSet());
        for (BackupReader reader : lister.readers()) {
            try {
                missing.retainAll(Set.copyOf(reader.missingParts(commit)));
            } catch (CairnException _) {
                // It has told of itself already, when it was listed.
            }
        }
        return missing;
    }

    /** Whatever they hold of the attempt is known by its digest. */
    private List<ObjectStore> others(BackupReader chosen) {
        return lister.readers().stream()
                .filter(reader -> reader != chosen)
                .map(BackupReader::store)
                .toList();
    }

    private static void noteDamage(CommitObject commit, List<String> notes) {
        if (commit.damaged()) {
            notes.add(
                    commit.label()
                            + " is damaged: the checksums of "
                            + commit.damage().size()
                            + " pages were wrong at the source, first in "
                            + commit.damage().getFirst().file());
        }
    }

    private static void requireTablespaces(RestoreRequest request, CommitObject commit) {
        List<Archive.Tablespace> tablespaces =
                commit.archives().stream()
                        .flatMap(archive -> archive.tablespace().stream())
                        .toList();
        request.tablespaces().requireKnown(tablespaces);
        for (Archive.Tablespace tablespace : tablespaces) {
            Path directory = request.tablespaces().directoryOf(tablespace, request.directory());
            if (!directory.startsWith(request.directory())) {
                TargetDirectory.requireUsable(directory);
            }
            requireExpected(request, tablespace, directory);
        }
    }

    /**
     * A directory that nobody named is used only if it is there already: on another machine it may
     * mean another thing.
     */
    private static void requireExpected(
            RestoreRequest request, Archive.Tablespace tablespace, Path directory) {
        TablespaceMapping mapping = request.tablespaces();
        boolean named =
                mapping.directories().containsKey(Path.of(tablespace.location()).normalize());
        boolean inside = directory.startsWith(request.directory());
        if (inside && Path.of(tablespace.location()).isAbsolute() && named) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "the tablespace directory " + directory + " is inside of the data directory",
                    "map it to a directory beside it");
        }
        if (!named && !inside && !Files.isDirectory(directory)) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "the tablespace directory " + directory + " does not exist here",
                    "create it, or name another one with --tablespace-map "
                            + tablespace.location()
                            + "=NEW");
        }
    }

    private static DatabaseSelection databases(RestoreRequest request, List<OpenedBackup> chain) {
        if (!request.databases().isEmpty() && !request.recovers()) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "some databases alone come back only with a recovery, which drops the others",
                    "name a target, such as --target-immediate");
        }
        return Databases.select(request.databases(), chain);
    }

    private static SpaceNeeded space(
            RestoreRequest request, List<OpenedBackup> chain, DatabaseSelection databases) {
        IncrementalChain incremental =
                new IncrementalChain(chain.stream().map(OpenedBackup::contents).toList());
        Map<Path, Long> bytes = new LinkedHashMap<>();
        chain.getLast()
                .contents()
                .files()
                .forEach(file -> {
                    Path directory =
                            file.archive()
                                    .archive()
                                    .tablespace()
                                    .map(tablespace ->
                                            request.tablespaces()
                                                    .directoryOf(tablespace, request.directory()))
                                    .orElse(request.directory());
                    long length =
                            incremental
                                    .origin(file)
                                    .map(IncrementalChain.Origin::bytesMax)
                                    .orElse(file.entry().size());
                    // A file without content takes no block.
                    long taken = databases.leavesOut(file) ? 0 : SpaceNeeded.ofFile(length);
                    bytes.merge(directory, taken, Long::sum);
                });
        bytes.merge(request.directory(), request.walBytes(), Long::sum);
        return new SpaceNeeded(bytes);
    }
}

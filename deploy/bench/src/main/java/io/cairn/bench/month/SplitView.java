package io.cairn.bench.month;

import io.cairn.events.region.Regions;
import io.cairn.executor.basebackup.RunOutcome;
import io.cairn.executor.publish.CommittedBackup;
import io.cairn.model.BackupKind;
import io.cairn.model.StoreName;
import io.cairn.model.backup.CommitObject;
import io.cairn.restore.compare.TableDigest;
import io.cairn.storage.ObjectStore;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Two sites, each of which reaches one region and not the other. Executors at both take the same
 * due backup, which is then committed twice, and hold the stream one after the other.
 */
final class SplitView {

    private final Region first;
    private final Region second;
    private final Source source;
    private final Streams streams;
    private final Ledger ledger;
    private final Copies copies;
    private final Twins twins;
    private final SimulatedClock clock;
    private final Random random;
    private final Writer here;
    private final Writer there;

    /**
     * Who writes at a site.
     *
     * @param stores as they are reached from there
     * @param regions what is known there
     */
    record Writer(
            Executors executors, Map<StoreName, ObjectStore> stores, Supplier<Regions> regions) {}

    /**
     * @param regions two
     */
    SplitView(
            List<Region> regions,
            Writer here,
            Writer there,
            Source source,
            Streams streams,
            Ledger ledger,
            Copies copies,
            Twins twins,
            SimulatedClock clock,
            Random random) {
        this.first = regions.getFirst();
        this.second = regions.getLast();
        this.here = here;
        this.there = there;
        this.source = source;
        this.streams = streams;
        this.ledger = ledger;
        this.copies = copies;
        this.twins = twins;
        this.clock = clock;
        this.random = random;
    }

    /** What became of it, in a few words. All regions answer afterwards. */
    String happen(BackupKind kind) throws InterruptedException, SQLException {
        boolean turned = random.nextBoolean();
        first.heal();
        second.heal();
        (turned ? first : second).cutOff(Site.HERE, random);
        (turned ? second : first).cutOff(Site.THERE, random);
        List<String> told = new ArrayList<>();
        List<CommittedBackup> taken = new ArrayList<>();
        try {
            Instant due = clock.instant().truncatedTo(ChronoUnit.SECONDS);
            for (Writer writer :
                    random.nextBoolean() ? List.of(here, there) : List.of(there, here)) {
                take(kind, due, writer, told).ifPresent(taken::add);
                told.add(streams.hold(writer.stores(), writer.regions()));
            }
        } finally {
            first.heal();
            second.heal();
        }
        // Their events arrive now that all can be reached; neither is copied yet.
        for (CommittedBackup backup : taken) {
            copies.hear(backup.object().key(), backup.store(), backup.commit().completedAt());
        }
        List<CommitObject> commits = taken.stream().map(CommittedBackup::commit).toList();
        if (commits.size() == 2 && commits.getFirst().label().equals(commits.getLast().label())) {
            twins.know(commits.getFirst(), commits.getLast());
        }
        return "split view: " + String.join(", ", told);
    }

    private Optional<CommittedBackup> take(
            BackupKind kind, Instant due, Writer writer, List<String> told)
            throws InterruptedException, SQLException {
        List<TableDigest> contents = source.contents();
        RunOutcome outcome = writer.executors().run(kind, due);
        if (outcome instanceof RunOutcome.Taken(var backup)) {
            CommitObject commit = backup.commit();
            ledger.taken(commit.attempt(), contents);
            told.add("%s@%s in %s".formatted(commit.label(), commit.attempt(), backup.store()));
            return Optional.of(backup);
        }
        told.add(kind + ": " + outcome);
        return Optional.empty();
    }
}

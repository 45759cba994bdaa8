package io.cairn.catalog.retention;

import io.cairn.catalog.retention.Proposals.Prepared;
import io.cairn.catalog.retention.StoredObjects.Placed;
import io.cairn.events.WalExpired;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.Timeline;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalMetadata;
import io.cairn.model.wal.WalSegment;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Removes the WAL that a plan does not keep, what segments have made superfluous, and keys. */
final class WalRemoval {

    /** Below the prefix of all sessions' keys. */
    private static final Pattern WRAP =
            Pattern.compile("(?<timeline>[0-9A-F]{8})/[0-9A-F]{16}-(?<key>[0-9a-f]{32})\\..*");

    private final Prepared prepared;
    private final StoredObjects objects;
    private final WalLayout layout;
    private final RetentionGuards guards;
    private final Removal removal;

    WalRemoval(Prepared prepared, RetentionGuards guards, Removal removal) {
        this.prepared = prepared;
        this.objects = prepared.objects();
        this.layout = new WalLayout(objects.root());
        this.guards = guards;
        this.removal = removal;
    }

    /**
     * What nothing needs, but for what is being read since the plan was made.
     *
     * @return what to tell, if there was any
     */
    Optional<WalExpired> unwanted() {
        RetentionPlan plan = prepared.proposal().plan();
        List<Placed> unwanted = Proposals.unwanted(plan, prepared.segmentSize(), objects).toList();
        if (unwanted.isEmpty()) {
            return Optional.empty();
        }
        ExpiredWal record = plan.record(recordTime(), plan.digest());
        removal.record(record.key(plan.root()), record.toJson());
        Optional<Lsn> read = Leases.lookAgain(objects, prepared.now()).walFrom();
        long objectsBefore = removal.deleted();
        long bytesBefore = removal.bytes();
        unwanted.stream()
                .filter(placed -> read.filter(from -> reaches(placed, from)).isEmpty())
                .forEach(removal::delete);
        return Optional.of(
                new WalExpired(
                        plan.root().cluster(),
                        plan.root().systemIdentifier(),
                        record.at(),
                        plan.digest(),
                        objects.names().stream().sorted().toList(),
                        removal.deleted() - objectsBefore,
                        removal.bytes() - bytesBefore));
    }

    private boolean reaches(Placed placed, Lsn position) {
        return StoredWal.of(placed.info().key())
                .flatMap(wal -> HistoryReader.range(wal, prepared.segmentSize()))
                .filter(range -> range.end().compareTo(position) > 0)
                .isPresent();
    }

    /** Behind the newest record, should a clock have been wrong when that was written. */
    private Instant recordTime() {
        return ExpiredWal.newest(objects.root(), objects.keys(ExpiredWal.prefix(objects.root())))
                .map(key -> ExpiredWal.at(objects.root(), key).plusSeconds(1))
                .filter(next -> next.isAfter(prepared.now()))
                .orElse(prepared.now());
    }

    /**
     * The keys of sessions on a timeline of which no WAL is stored any more, in any folder or
     * store; not on the newest timeline, since a session's key comes before its first object. The
     * history file that a session has stored outlives its WAL, and lies with another timeline: its
     * key is kept.
     */
    void keys() {
        Set<Timeline> left =
                wal().filter(wal -> !(wal instanceof StoredWal.History))
                        .map(StoredWal::timeline)
                        .collect(Collectors.toCollection(TreeSet::new));
        Optional<Timeline> newest =
                Stream.concat(
                                wal().map(StoredWal::timeline),
                                objects.keys(layout.keysPrefix()).stream()
                                        .flatMap(key -> wrap(key).stream())
                                        .map(WalRemoval::timeline))
                        .max(Timeline::compareTo);
        newest.ifPresent(left::add);
        Instant old = prepared.now().minus(guards.orphanAge());
        List<Placed> superfluous =
                objects.all(layout.keysPrefix())
                        .filter(placed -> placed.info().lastModified().isBefore(old))
                        .filter(placed ->
                                wrap(placed.info().key())
                                        .filter(wrap -> !left.contains(timeline(wrap)))
                                        .isPresent())
                        .toList();
        if (!superfluous.isEmpty()) {
            Set<Optional<String>> inUse = keysOfHistoryFiles();
            superfluous.stream()
                    .filter(_ -> !inUse.contains(Optional.<String>empty()))
                    .filter(placed ->
                            wrap(placed.info().key())
                                    .filter(wrap -> !inUse.contains(Optional.of(wrap.group("key"))))
                                    .isPresent())
                    .forEach(removal::delete);
        }
    }

    private Stream<StoredWal> wal() {
        return Stream.of(layout.walPrefix(), layout.piecesPrefix())
                .flatMap(objects::all)
                .flatMap(placed -> StoredWal.of(placed.info().key()).stream());
    }

    private Optional<Matcher> wrap(ObjectKey key) {
        Matcher matcher = WRAP.matcher(key.value().substring(layout.keysPrefix().length()));
        return matcher.matches() ? Optional.of(matcher) : Optional.empty();
    }

    private static Timeline timeline(Matcher wrap) {
        return new Timeline(Integer.parseUnsignedInt(wrap.group("timeline"), 16));
    }

    /** Empty for one that does not say: it may be any. */
    private Set<Optional<String>> keysOfHistoryFiles() {
        return objects.all(layout.walPrefix())
                .filter(placed ->
                        StoredWal.of(placed.info().key())
                                .filter(StoredWal.History.class::isInstance)
                                .isPresent())
                .map(placed ->
                        objects.store(placed.store())
                                .head(placed.info().key())
                                .flatMap(info -> WalMetadata.keyId(info.metadata())))
                .collect(Collectors.toSet());
    }

    /** Pieces whose bytes lie in a whole segment, the same one, in every store of the policy. */
    void coveredPieces(TierPolicy policy) {
        Instant old = prepared.now().minus(guards.pieceAge());
        Map<ObjectKey, Boolean> whole = new HashMap<>();
        List<Placed> covered =
                objects.all(layout.piecesPrefix())
                        .filter(placed -> placed.info().lastModified().isBefore(old))
                        .filter(placed ->
                                coveredBy(placed)
                                        .filter(segment ->
                                                whole.computeIfAbsent(
                                                        segment, key -> isWhole(key, policy)))
                                        .isPresent())
                        .toList();
        covered.forEach(removal::delete);
    }

    /** The segment in the same folder that a piece lies in, wholly. */
    private Optional<ObjectKey> coveredBy(Placed placed) {
        if (!(StoredWal.of(placed.info().key()).orElse(null) instanceof StoredWal.Piece piece)) {
            return Optional.empty();
        }
        LsnRange range = piece.range();
        WalSegment segment =
                WalSegment.containing(piece.timeline(), range.start(), prepared.segmentSize());
        if (range.end().compareTo(segment.end()) > 0) {
            return Optional.empty();
        }
        String folder =
                piece.timeline().hex() + piece.divergence().map("~"::concat).orElse("") + "/";
        return Optional.of(
                new ObjectKey(layout.walPrefix() + folder + segment.name() + WalLayout.SEALED));
    }

    private boolean isWhole(ObjectKey segment, TierPolicy policy) {
        Set<Optional<Sha256>> digests = new HashSet<>();
        for (StoreName store : policy.run().copies()) {
            if (!objects.has(store, segment)) {
                return false;
            }
            digests.add(
                    objects.store(store)
                            .head(segment)
                            .flatMap(info -> WalMetadata.plainSha256(info.metadata())));
        }
        return digests.size() == 1 && digests.iterator().next().isPresent();
    }
}

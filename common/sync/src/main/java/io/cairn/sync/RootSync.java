package io.cairn.sync;

import io.cairn.model.BackupLabel;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.backup.BackupLayout;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.record.ExpiredWal;
import io.cairn.model.record.Shredded;
import io.cairn.model.record.Tombstone;
import io.cairn.model.wal.LsnRange;
import io.cairn.model.wal.SegmentSize;
import io.cairn.model.wal.StoredWal;
import io.cairn.model.wal.WalFolder;
import io.cairn.model.wal.WalLayout;
import io.cairn.model.wal.WalSegment;
import io.cairn.storage.InOrder;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.ObjectStore;
import io.cairn.sync.MergedListing.Listed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares one life of a cluster: its records first, then its backups, each with its keys and parts
 * and its commit object last, then its WAL. For one thread.
 */
final class RootSync {

    private static final int COMMIT_BYTES_MAX = 256 << 20;
    private static final int BATCH = 512;

    /** How much longer than anything else records may take to get everywhere. */
    private static final Duration RECORDS = Duration.ofHours(2);

    private final ClusterRoot root;
    private final WalLayout wal;
    private final List<ObjectStore> stores;
    private final Set<StoreName> everywhere;
    private final ObjectCheck check;
    private final int parallel;
    private final Tally tally;
    private final Instant settled;
    private Optional<SegmentSize> segmentSize = Optional.empty();

    /**
     * @param parallel objects at once, 1 or more
     * @param settled what was stored later may be missing elsewhere
     */
    RootSync(
            ClusterRoot root,
            List<ObjectStore> stores,
            ObjectCheck check,
            int parallel,
            Tally tally,
            Instant settled) {
        this.root = root;
        this.wal = new WalLayout(root);
        this.stores = stores;
        this.everywhere =
                stores.stream()
                        .map(ObjectStore::name)
                        .collect(Collectors.toCollection(LinkedHashSet::new));
        this.check = check;
        this.parallel = parallel;
        this.tally = tally;
        this.settled = settled;
    }

    void run() throws InterruptedException {
        boolean shredded = isShredded();
        Set<BackupLabel> expiredLabels = tombstones();
        each(root.recordsPrefix(), (Listed listed) -> Optional.of(record(listed)));
        backups(shredded, expiredLabels);
        Optional<ExpiredWal> expired = expiredWal();
        if (!shredded) {
            walKeys();
        }
        Segments segments = new Segments();
        each(wal.walPrefix(), listed -> wal(listed, expired, segments));
        each(wal.piecesPrefix(), listed -> wal(listed, expired, segments));
    }

    /** Whether the cluster's keys were destroyed on purpose. */
    private boolean isShredded() {
        ObjectKey key = Shredded.key(root);
        return stores.stream().anyMatch(store -> store.head(key).isPresent());
    }

    private interface Shape {
        /** Empty for what is not to be compared. */
        Optional<Item> item(Listed listed);
    }

    private void each(String prefix, Shape shape) throws InterruptedException {
        MergedListing listing = new MergedListing(stores, prefix);
        while (listing.hasNext()) {
            List<Item> batch = new ArrayList<>();
            while (batch.size() < BATCH && listing.hasNext()) {
                shape.item(listing.next()).ifPresent(batch::add);
            }
            checkAll(batch);
        }
    }

    /** The stores in which any of them is not right. */
    private Set<StoreName> checkAll(List<Item> items) throws InterruptedException {
        Set<StoreName> wrong = new HashSet<>();
        InOrder.each(
                items,
                parallel,
                item -> {
                    Set<StoreName> found = check.check(item);
                    synchronized (wrong) {
                        wrong.addAll(found);
                    }
                    return true;
                });
        return wrong;
    }

    private Item plain(Listed listed, Item.Sameness sameness, BooleanSupplier stillWanted) {
        return new Item(
                listed.key(),
                listed.in(),
                wantedIn(listed),
                Optional.empty(),
                sameness,
                Optional.empty(),
                stillWanted);
    }

    /** Replication copies records now and then only. */
    private Item record(Listed listed) {
        boolean young =
                listed.in().values().stream()
                        .anyMatch(info -> info.lastModified().isAfter(settled.minus(RECORDS)));
        return new Item(
                listed.key(),
                listed.in(),
                young ? listed.in().keySet() : everywhere,
                Optional.empty(),
                Item.Sameness.FACT,
                Optional.empty(),
                () -> true);
    }

    /** Everywhere, unless it is on its way. */
    private Set<StoreName> wantedIn(Listed listed) {
        if (listed.in().size() < everywhere.size() && isYoung(listed.in())) {
            tally.pending();
            return listed.in().keySet();
        }
        return everywhere;
    }

    private boolean isYoung(Map<StoreName, ObjectInfo> in) {
        return in.values().stream().anyMatch(info -> info.lastModified().isAfter(settled));
    }

    // Backups
    // ---------------------------------------------------------------------------------------------

    private void backups(boolean shredded, Set<BackupLabel> expired) throws InterruptedException {
        MergedListing listing = new MergedListing(stores, root.backupsPrefix());
        while (listing.hasNext()) {
            String folder = folder(listing.peek().orElseThrow());
            Map<ObjectKey, Listed> objects = new TreeMap<>();
            while (listing.peek().filter(key -> key.value().startsWith(folder)).isPresent()) {
                Listed listed = listing.next();
                objects.put(listed.key(), listed);
            }
            Optional<BackupLayout> layout =
                    BackupLayout.ofCommit(new ObjectKey(folder + "backup.json"));
            if (layout.isPresent() && !expired.contains(layout.get().label())) {
                backup(layout.get(), objects, shredded);
            }
        }
    }

    /** Up to and with the slash behind the label. */
    private String folder(ObjectKey key) {
        int slash = key.value().indexOf('/', root.backupsPrefix().length());
        return slash < 0 ? key.value() : key.value().substring(0, slash + 1);
    }

    private Set<BackupLabel> tombstones() {
        Set<BackupLabel> labels = new HashSet<>();
        for (ObjectStore store : stores) {
            try (Stream<ObjectInfo> listed = store.list(Tombstone.prefix(root))) {
                listed.flatMap(info -> Tombstone.label(root, info.key()).stream())
                        .forEach(labels::add);
            }
        }
        return labels;
    }

    /** Asked right before something of it is created. */
    private boolean isExpired(BackupLayout layout) {
        ObjectKey tombstone = Tombstone.key(root, layout.label());
        return stores.stream().anyMatch(store -> store.head(tombstone).isPresent());
    }

    /** A commit object under one of the names, and which stores have that one. */
    private record Committed(ObjectKey key, CommitObject commit, Set<StoreName> in) {}

    private void backup(BackupLayout layout, Map<ObjectKey, Listed> objects, boolean shredded)
            throws InterruptedException {
        List<Listed> names =
                objects.values().stream()
                        .filter(listed -> BackupLayout.ofAnyCommit(listed.key()).isPresent())
                        .toList();
        if (names.isEmpty()) {
            return;
        }
        boolean young = names.stream().anyMatch(listed -> isYoung(listed.in()));
        for (Listed name : names) {
            List<Committed> attempts = attempts(name, layout);
            if (attempts.size() > 1) {
                // Replication merges them.
                tally.pending();
            }
            Set<StoreName> wanted = young || attempts.size() > 1 ? Set.of() : everywhere;
            if (young && name.in().size() < everywhere.size()) {
                tally.pending();
            }
            for (Committed attempt : attempts) {
                parts(layout, attempt, wanted.isEmpty() ? attempt.in() : wanted, objects, shredded);
            }
            if (attempts.size() <= 1) {
                commit(layout, name, attempts.stream().findFirst(), wanted);
            }
        }
    }

    private final Map<ObjectKey, Set<StoreName>> unfinished = new HashMap<>();

    /** Which attempts were committed under one name: usually one, in all stores. */
    private List<Committed> attempts(Listed name, BackupLayout layout) {
        Map<String, Committed> attempts = new LinkedHashMap<>();
        for (ObjectStore store : stores) {
            if (!name.in().containsKey(store.name())) {
                continue;
            }
            read(name.key(), store)
                    .filter(commit -> commit.layout().equals(layout))
                    .ifPresent(commit -> {
                        Set<StoreName> in =
                                attempts.computeIfAbsent(
                                                commit.attempt().value(),
                                                _ ->
                                                        new Committed(
                                                                name.key(),
                                                                commit,
                                                                new HashSet<>()))
                                        .in();
                        in.add(store.name());
                    });
        }
        return List.copyOf(attempts.values());
    }

    /** Empty for what is damaged. */
    private Optional<CommitObject> read(ObjectKey key, ObjectStore store) {
        try {
            byte[] json = store.read(key, COMMIT_BYTES_MAX);
            boolean intact =
                    store.head(key)
                            .flatMap(ObjectInfo::sha256)
                            .filter(Sha256.of(json)::equals)
                            .isPresent();
            if (!intact) {
                return Optional.empty();
            }
            CommitObject commit =
                    CommitObject.fromJson(json, key + " in store '" + store.name() + "'");
            segmentSize = Optional.of(SegmentSize.of(commit));
            return Optional.of(commit);
        } catch (CairnException e) {
            return switch (e.code()) {
                case COMMIT_INVALID, STORE_OBJECT_MISSING, STORE_OBJECT_ARCHIVED ->
                        Optional.empty();
                default -> throw e;
            };
        }
    }

    private void parts(
            BackupLayout layout,
            Committed backup,
            Set<StoreName> wanted,
            Map<ObjectKey, Listed> objects,
            boolean shredded)
            throws InterruptedException {
        CommitObject commit = backup.commit();
        Item.Of of = new Item.Of(commit.run(), commit.attempt(), backup.key());
        BooleanSupplier stillWanted = () -> !isExpired(layout);
        List<Item> items = new ArrayList<>();
        commit.parts()
                .filter(part -> !part.equals(commit.key()))
                .filter(part -> !(shredded && isExecutorsKey(part, commit)))
                .map(part -> item(part, objects, wanted, of, stillWanted))
                .forEach(items::add);
        ObjectKey signature = layout.signature(commit.attempt());
        items.add(
                new Item(
                        signature,
                        in(signature, objects),
                        wanted,
                        Optional.empty(),
                        Item.Sameness.BYTES,
                        Optional.of(of),
                        stillWanted));
        Set<StoreName> wrong = new HashSet<>();
        if (!shredded) {
            wrong.addAll(checkAll(wraps(layout, commit, wanted, of, stillWanted)));
        }
        wrong.addAll(checkAll(items));
        unfinished.put(backup.key(), wrong);
    }

    /** It is shredded with the others. */
    private static boolean isExecutorsKey(StoredObject part, CommitObject commit) {
        return commit.executorsManifest()
                .filter(copy -> copy.wrappedKey().equals(part))
                .isPresent();
    }

    private static Map<StoreName, ObjectInfo> in(ObjectKey key, Map<ObjectKey, Listed> objects) {
        Listed listed = objects.get(key);
        return listed == null ? Map.of() : listed.in();
    }

    private static Item item(
            StoredObject part,
            Map<ObjectKey, Listed> objects,
            Set<StoreName> wanted,
            Item.Of of,
            BooleanSupplier stillWanted) {
        return new Item(
                part.key(),
                in(part.key(), objects),
                wanted,
                Optional.of(part),
                Item.Sameness.BYTES,
                Optional.of(of),
                stillWanted);
    }

    /**
     * The backup's key. A store that has any wrap of it has the key: rotation takes old ones away.
     */
    private List<Item> wraps(
            BackupLayout layout,
            CommitObject commit,
            Set<StoreName> wanted,
            Item.Of of,
            BooleanSupplier stillWanted) {
        List<Listed> wraps = new ArrayList<>();
        new MergedListing(stores, layout.wrapsPrefix(commit.attempt()))
                .forEachRemaining(wraps::add);
        if (wraps.isEmpty()) {
            return List.of(item(commit.key(), Map.of(), wanted, of, stillWanted));
        }
        Set<StoreName> without = without(wraps);
        List<Item> items = new ArrayList<>();
        for (Listed wrap : wraps) {
            boolean first = wrap.key().equals(commit.key().key());
            Set<StoreName> wantedIn = new HashSet<>(wrap.in().keySet());
            wantedIn.addAll(without);
            wantedIn.retainAll(wanted);
            items.add(
                    new Item(
                            wrap.key(),
                            wrap.in(),
                            wantedIn,
                            first ? Optional.of(commit.key()) : Optional.empty(),
                            Item.Sameness.FACT,
                            Optional.of(of),
                            stillWanted));
        }
        return items;
    }

    private Set<StoreName> without(List<Listed> wraps) {
        Set<StoreName> without = new HashSet<>(everywhere);
        wraps.forEach(wrap -> without.removeAll(wrap.in().keySet()));
        return without;
    }

    /** The commit object comes last, and only where everything that it lists is right. */
    private void commit(
            BackupLayout layout, Listed name, Optional<Committed> backup, Set<StoreName> wanted)
            throws InterruptedException {
        Set<StoreName> wantedIn = new HashSet<>(wanted.isEmpty() ? name.in().keySet() : wanted);
        wantedIn.removeAll(unfinished.getOrDefault(name.key(), Set.of()));
        unfinished.remove(name.key());
        Set<StoreName> _ =
                check.check(
                        new Item(
                                name.key(),
                                name.in(),
                                wantedIn,
                                Optional.empty(),
                                Item.Sameness.BYTES,
                                backup.map(found ->
                                        new Item.Of(
                                                found.commit().run(),
                                                found.commit().attempt(),
                                                layout.signature(found.commit().attempt()))),
                                () -> !isExpired(layout)));
    }

    // WAL
    // -------------------------------------------------------------------------------------------------

    private Optional<ExpiredWal> expiredWal() {
        return stores.stream()
                .flatMap(store -> newest(store).stream())
                .max(Comparator.comparing(ExpiredWal::at));
    }

    private Optional<ExpiredWal> newest(ObjectStore store) {
        try (Stream<ObjectInfo> listed = store.list(ExpiredWal.prefix(root))) {
            return ExpiredWal.newest(root, listed.map(ObjectInfo::key).toList())
                    .map(key ->
                            ExpiredWal.fromJson(
                                    store.read(key, ExpiredWal.BYTES_MAX),
                                    key + " in store '" + store.name() + "'"));
        }
    }

    private void walKeys() throws InterruptedException {
        MergedListing listing = new MergedListing(stores, wal.keysPrefix());
        List<Item> batch = new ArrayList<>();
        while (listing.hasNext()) {
            List<Listed> wraps = new ArrayList<>(List.of(listing.next()));
            String name = session(wraps.getFirst().key());
            while (listing.peek().filter(key -> session(key).equals(name)).isPresent()) {
                wraps.add(listing.next());
            }
            Set<StoreName> without = without(wraps);
            for (Listed wrap : wraps) {
                Set<StoreName> wantedIn = new HashSet<>(wrap.in().keySet());
                if (isYoung(wrap.in())) {
                    without.forEach(_ -> tally.pending());
                } else {
                    wantedIn.addAll(without);
                }
                batch.add(
                        new Item(
                                wrap.key(),
                                wrap.in(),
                                wantedIn,
                                Optional.empty(),
                                Item.Sameness.FACT,
                                Optional.empty(),
                                () -> !isShredded()));
            }
            if (batch.size() >= BATCH) {
                checkAll(batch);
                batch.clear();
            }
        }
        checkAll(batch);
    }

    /** What all wraps of one key have in common. */
    private static String session(ObjectKey key) {
        int file = key.value().lastIndexOf('/');
        int dot = key.value().indexOf('.', file);
        return dot < 0 ? key.value() : key.value().substring(0, dot);
    }

    private Optional<Item> wal(Listed listed, Optional<ExpiredWal> expired, Segments segments) {
        Optional<StoredWal> stored = StoredWal.of(listed.key());
        if (stored.isEmpty() || !isWanted(stored.get(), expired)) {
            return Optional.empty();
        }
        Item item = plain(listed, Item.Sameness.WAL, () -> isWanted(stored.get(), expiredWal()));
        if (stored.get() instanceof StoredWal.Piece piece
                && item.wantedIn().size() > listed.in().size()) {
            return Optional.of(segments.uncovered(piece, item));
        }
        return Optional.of(item);
    }

    private boolean isWanted(StoredWal stored, Optional<ExpiredWal> expired) {
        Optional<LsnRange> range =
                switch (stored) {
                    case StoredWal.Piece piece -> Optional.of(piece.range());
                    case StoredWal.Segment segment -> range(segment.name());
                    case StoredWal.Partial partial -> range(partial.name());
                    case StoredWal.History _ -> Optional.empty();
                };
        return expired.isEmpty()
                || range.isEmpty()
                || expired.get().wants(stored.timeline(), range.get());
    }

    private Optional<LsnRange> range(String segment) {
        try {
            return Optional.of(
                    WalSegment.parse(segment, segmentSize.orElse(SegmentSize.DEFAULT)).range());
        } catch (CairnException _) {
            // Of another size: kept.
            return Optional.empty();
        }
    }

    /** A piece is not missing where its segment is. */
    private final class Segments {

        private final Map<ObjectKey, Set<StoreName>> in = new HashMap<>();

        Item uncovered(StoredWal.Piece piece, Item item) {
            WalSegment segment =
                    WalSegment.containing(
                            piece.timeline(),
                            piece.range().start(),
                            segmentSize.orElse(SegmentSize.DEFAULT));
            ObjectKey key =
                    new WalFolder(wal, piece.timeline(), piece.divergence()).segment(segment);
            Set<StoreName> covered =
                    in.computeIfAbsent(
                            key,
                            _ ->
                                    stores.stream()
                                            .filter(store -> store.head(key).isPresent())
                                            .map(ObjectStore::name)
                                            .collect(Collectors.toSet()));
            Set<StoreName> wantedIn = new HashSet<>(item.wantedIn());
            wantedIn.removeIf(name -> covered.contains(name) && !item.in().containsKey(name));
            return new Item(
                    item.key(),
                    item.in(),
                    wantedIn,
                    item.named(),
                    item.sameness(),
                    item.of(),
                    item.stillWanted());
        }
    }
}

package io.cairn.restore.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.cairn.archive.gzip.GzipCodec;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.record.Tombstone;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupListing;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.backup.CopyProblem;
import io.cairn.restore.backup.ListedBackup;
import io.cairn.restore.contents.OpenedBackup;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.target.TablespaceMapping;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestorePlannerTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final BackupLabel NEWER = new BackupLabel("20261123T020000Z-F");

    @TempDir private Path temporary;

    private final FakeObjectStore primary = FakeObjectStore.plain("primary");
    private final FakeObjectStore secondary = FakeObjectStore.plain("secondary");
    private Path target = Path.of("set in setUp");

    @BeforeEach
    void setUp() {
        target = temporary.resolve("data");
    }

    @Test
    void latestIsTheNewestFullBackup() {
        new SyntheticBackup().storeIn(primary, KEYS);
        new SyntheticBackup().labelled(NEWER.value()).storeIn(primary, KEYS);
        RestorePlan plan = plan(latest());
        assertThat(plan.commit().label()).isEqualTo(NEWER);
        assertThat(plan.notes()).isEmpty();
        assertThat(plan.bytesToFetch()).isEqualTo(plan.commit().bytesStored());
        assertThat(plan.space().total()).isGreaterThanOrEqualTo(plan.bytesToWrite());
    }

    @Test
    void aLabelNamesItsBackup() {
        new SyntheticBackup().storeIn(primary, KEYS);
        new SyntheticBackup().labelled(NEWER.value()).storeIn(primary, KEYS);
        assertThat(plan(labelled(SyntheticBackup.LABEL)).commit().label())
                .isEqualTo(SyntheticBackup.LABEL);
    }

    @Test
    void aBackupThatIsOnlyInTheSecondStoreIsFoundThere() {
        new SyntheticBackup().storeIn(primary, KEYS);
        new SyntheticBackup().labelled(NEWER.value()).storeIn(secondary, KEYS);
        assertThat(plan(latest()).storeName().value()).isEqualTo("secondary");
    }

    @Test
    void theFirstStoreIsPreferredWhereBothHaveTheBackup() {
        new SyntheticBackup().storeIn(secondary, KEYS);
        copy(secondary, primary);
        assertThat(plan(latest()).storeName().value()).isEqualTo("primary");
    }

    @Test
    void anIncompleteCopyIsPassedOverAndSaidSo() {
        CommitObject commit = new SyntheticBackup().storeIn(primary, KEYS);
        copy(primary, secondary);
        primary.lose(commit.archives().getLast().volumes().get(3).object().key());
        RestorePlan plan = plan(latest());
        assertThat(plan.storeName().value()).isEqualTo("secondary");
        assertThat(plan.notes())
                .singleElement()
                .asString()
                .contains("primary", "000003.gz.cms is missing");
    }

    @Test
    void whatExecutorsAloneNeedKeepsNothingFromBeingRestored() {
        CommitObject commit = new SyntheticBackup().withExecutorsManifest().storeIn(primary, KEYS);
        copy(primary, secondary);
        CommitObject.ExecutorsManifest copy = commit.executorsManifest().orElseThrow();
        primary.lose(copy.object().key());
        secondary.lose(copy.wrappedKey().key());

        assertThat(plan(latest()).storeName().value()).isEqualTo("primary");
        assertThat(plan(latest()).notes()).isEmpty();
    }

    @Test
    void aTruncatedVolumeMakesACopyIncomplete() {
        CommitObject commit = new SyntheticBackup().storeIn(primary, KEYS);
        copy(primary, secondary);
        primary.damage(
                commit.archives().getLast().volumes().get(3).object().key(),
                bytes -> java.util.Arrays.copyOf(bytes, bytes.length - 1));
        assertThat(plan(latest()).storeName().value()).isEqualTo("secondary");
    }

    @Test
    void aDamagedManifestMakesTheNextCopyBeRead() {
        CommitObject commit = new SyntheticBackup().storeIn(primary, KEYS);
        copy(primary, secondary);
        primary.damage(
                commit.manifest().key(),
                bytes -> {
                    bytes[100] ^= 1;
                    return bytes;
                });
        assertThat(plan(latest()).storeName().value()).isEqualTo("secondary");
    }

    @Test
    void twoAttemptsInTwoStoresAreBothListedAndTheFirstIsTheBackup() {
        CommitObject here = new SyntheticBackup().storeIn(primary, KEYS);
        CommitObject there = new SyntheticBackup().storeIn(secondary, KEYS);
        CommitObject first = CommitObject.FIRST.compare(here, there) < 0 ? here : there;
        CommitObject second = first == here ? there : here;

        assertBothAreRestoredByName(first, second);
    }

    @Test
    void anAttemptThatCameSecondIsRestoredByName() {
        CommitObject first = new SyntheticBackup().storeIn(primary, KEYS);
        CommitObject second = storeSecond();
        copy(primary, secondary);

        assertBothAreRestoredByName(first, second);

        primary.lose(second.manifest().key());
        assertThat(plan(attempt(second)).storeName().value()).isEqualTo("secondary");
        assertRefused(
                ErrorCode.BACKUP_NOT_FOUND,
                () ->
                        plan(
                                request(
                                        BackupSelection.parse(
                                                SyntheticBackup.LABEL + "@0123456789abcdef"))));
    }

    private void assertBothAreRestoredByName(CommitObject first, CommitObject second) {
        BackupLister lister = lister();
        BackupListing listing = lister.list(SyntheticBackup.CLUSTER);
        assertThat(listing.backups()).extracting(ListedBackup::commit).containsExactly(first);
        assertThat(lister.seconds(listing.backups(), problem -> fail(problem.message())))
                .extracting(ListedBackup::commit)
                .containsExactly(second);
        assertThat(plan(labelled(SyntheticBackup.LABEL)).commit()).isEqualTo(first);
        for (CommitObject commit : List.of(first, second)) {
            RestorePlan plan = plan(attempt(commit));
            assertThat(plan.commit()).isEqualTo(commit);
            assertThat(plan.notes()).isEmpty();
        }
    }

    /** An attempt at the same run beside the one that has its name. */
    private CommitObject storeSecond() {
        FakeObjectStore elsewhere = FakeObjectStore.plain("elsewhere");
        CommitObject second = new SyntheticBackup().storeIn(elsewhere, KEYS);
        SyntheticBackup.moveAsSecond(second, elsewhere, primary);
        return second;
    }

    private RestoreRequest attempt(CommitObject commit) {
        return request(BackupSelection.parse(commit.label() + "@" + commit.attempt()));
    }

    @Test
    void anIncrementalIsRestoredOnTopOfTheAttemptThatItWasBuiltOn() {
        CommitObject first = new SyntheticBackup().storeIn(primary, KEYS);
        CommitObject second = storeSecond();
        for (CommitObject parent : List.of(first, second)) {
            String label = parent == first ? "20261122T030000Z-I" : "20261122T040000Z-I";
            CommitObject child =
                    new SyntheticBackup().labelled(label).onTopOf(parent).storeIn(primary, KEYS);

            RestorePlan plan = plan(labelled(child.label()));

            assertThat(plan.before()).extracting(OpenedBackup::commit).containsExactly(parent);
        }
    }

    @Test
    void whereTheFirstAttemptCannotBeReadTheSecondIsAndItIsSaid() {
        CommitObject here = new SyntheticBackup().storeIn(primary, KEYS);
        CommitObject there = new SyntheticBackup().storeIn(secondary, KEYS);
        boolean hereFirst = CommitObject.FIRST.compare(here, there) < 0;
        (hereFirst ? primary : secondary).lose((hereFirst ? here : there).index().key());

        RestorePlan plan = plan(labelled(SyntheticBackup.LABEL));

        assertThat(plan.commit()).isEqualTo(hereFirst ? there : here);
        assertThat(plan.notes()).anyMatch(note -> note.contains("was committed twice"));
    }

    @Test
    void anUnreachableStoreDoesNotStopARestoreFromTheOther() {
        new SyntheticBackup().storeIn(secondary, KEYS);
        primary.failAlways(ErrorCode.STORE_UNREACHABLE);
        assertThat(plan(latest()).storeName().value()).isEqualTo("secondary");
        assertThat(plan(labelled(SyntheticBackup.LABEL)).storeName().value())
                .isEqualTo("secondary");
    }

    @Test
    void withNoStoreInReachThatIsSaid() {
        new SyntheticBackup().storeIn(primary, KEYS);
        primary.failAlways(ErrorCode.STORE_UNREACHABLE);
        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);
        assertRefused(ErrorCode.STORE_UNREACHABLE, () -> plan(latest()));
    }

    @Test
    void theOnlyCopysDefectIsNamed() {
        CommitObject commit = new SyntheticBackup().storeIn(primary, KEYS);
        primary.lose(commit.key().key());
        assertRefused(ErrorCode.ARCHIVE_INCOMPLETE, () -> plan(labelled(SyntheticBackup.LABEL)))
                .hasMessageContaining(commit.key().key().value());
    }

    @Test
    void latestGoesBackToTheNewestThatIsComplete() {
        new SyntheticBackup().storeIn(primary, KEYS);
        CommitObject newer = new SyntheticBackup().labelled(NEWER.value()).storeIn(primary, KEYS);
        primary.lose(newer.index().key());
        RestorePlan plan = plan(latest());
        assertThat(plan.commit().label()).isEqualTo(SyntheticBackup.LABEL);
        assertThat(plan.notes())
                .singleElement()
                .asString()
                .contains(NEWER.value(), "index.json.gz.cms is missing");
    }

    @Test
    void latestSaysWhichNewerBackupsItDidNotTrust() {
        TestKeys own = TestKeys.create();
        new SyntheticBackup().storeIn(primary, KEYS);
        new SyntheticBackup()
                .labelled(NEWER.value())
                .storeIn(primary, new TestKeys(own.authority(), KEYS.recipient(), own.signer()));

        RestorePlan plan = plan(latest());

        assertThat(plan.commit().label()).isEqualTo(SyntheticBackup.LABEL);
        assertThat(plan.notes())
                .singleElement()
                .asString()
                .startsWith("passed over in primary: ")
                .contains(NEWER.value());
    }

    @Test
    void latestPassesOverDamagedBackups() {
        new SyntheticBackup().storeIn(primary, KEYS);
        new SyntheticBackup().labelled(NEWER.value()).damaged().storeIn(primary, KEYS);
        RestorePlan plan = plan(latest());
        assertThat(plan.commit().label()).isEqualTo(SyntheticBackup.LABEL);
        assertThat(plan.notes()).singleElement().asString().contains(NEWER.value(), "damaged");
    }

    @Test
    void aDamagedBackupCanBeAskedForAndIsFlagged() {
        new SyntheticBackup().damaged().storeIn(primary, KEYS);
        assertThat(plan(labelled(SyntheticBackup.LABEL)).notes())
                .singleElement()
                .asString()
                .contains("damaged", "base/5/1259");
    }

    @Test
    void anAttemptThatWasNeverCommittedIsNoBackup() {
        CommitObject commit = new SyntheticBackup().storeIn(primary, KEYS);
        primary.lose(commit.layout().commit());
        assertRefused(ErrorCode.BACKUP_NOT_FOUND, () -> plan(latest()));
        assertRefused(ErrorCode.BACKUP_NOT_FOUND, () -> plan(labelled(SyntheticBackup.LABEL)));
    }

    @Test
    void aBackupWithATombstoneIsPassedOverWhateverStillLiesThere() {
        CommitObject kept = new SyntheticBackup().storeIn(primary, KEYS);
        CommitObject expired = new SyntheticBackup().labelled(NEWER.value()).storeIn(primary, KEYS);
        copy(primary, secondary);
        Tombstone tombstone =
                new Tombstone(expired.label(), Instant.EPOCH, "test", Sha256.of(new byte[] {1}));
        secondary.putIfAbsent(
                tombstone.key(expired.layout().root()), ObjectBody.of(tombstone.toJson()));

        assertThat(plan(latest()).commit().label()).isEqualTo(kept.label());
        assertThat(lister().list(SyntheticBackup.CLUSTER).backups())
                .extracting(backup -> backup.layout().label())
                .containsExactly(kept.label());
        assertRefused(ErrorCode.BACKUP_NOT_FOUND, () -> plan(labelled(NEWER)));
    }

    @Test
    void anUnknownClusterHasNoBackup() {
        new SyntheticBackup().storeIn(primary, KEYS);
        assertRefused(
                ErrorCode.BACKUP_NOT_FOUND,
                () ->
                        planner()
                                .plan(
                                        RestoreRequest.of(
                                                new ClusterName("other"),
                                                new BackupSelection.Latest(),
                                                target)));
    }

    @Test
    void aForeignSignatureIsRefused() {
        new SyntheticBackup().storeIn(primary, TestKeys.create());
        assertRefused(ErrorCode.SIGNATURE_UNTRUSTED, () -> plan(labelled(SyntheticBackup.LABEL)));
        assertRefused(ErrorCode.SIGNATURE_UNTRUSTED, () -> plan(latest()));
    }

    @Test
    void aKeyThatDoesNotOpenTheBackupIsRefusedBeforeAnythingIsWritten() {
        new SyntheticBackup().storeIn(primary, KEYS);
        RestorePlanner other =
                new RestorePlanner(lister(), TestKeys.create().recipient(), GzipCodec.zlib());
        assertRefused(ErrorCode.KEY_CANNOT_DECRYPT, () -> other.plan(latest()));
        assertThat(target).doesNotExist();
    }

    @Test
    void aClusterThatWasCreatedAnewAsksForTheSystemIdentifier() {
        new SyntheticBackup().storeIn(primary, KEYS);
        new SyntheticBackup().ofSystem("7499999999999999999").storeIn(primary, KEYS);
        assertRefused(ErrorCode.REQUEST_INVALID, () -> plan(labelled(SyntheticBackup.LABEL)))
                .hasMessageContaining("7499999999999999999");
        RestorePlan plan =
                plan(labelled(SyntheticBackup.LABEL).withSystemIdentifier(SyntheticBackup.SYSTEM));
        assertThat(plan.commit().systemIdentifier()).isEqualTo(SyntheticBackup.SYSTEM);
        assertRefused(
                ErrorCode.BACKUP_NOT_FOUND,
                () ->
                        plan(
                                labelled(SyntheticBackup.LABEL)
                                        .withSystemIdentifier(SystemIdentifier.parse("1"))));
    }

    @Test
    void aDirectoryWithFilesIsRefused() throws IOException {
        new SyntheticBackup().storeIn(primary, KEYS);
        Files.createDirectories(target);
        Files.writeString(target.resolve("precious"), "x");
        assertRefused(ErrorCode.TARGET_NOT_EMPTY, () -> plan(latest()))
                .hasMessageContaining("precious");
    }

    @Test
    void aFileInPlaceOfTheDirectoryIsRefused() throws IOException {
        new SyntheticBackup().storeIn(primary, KEYS);
        Files.writeString(target, "x");
        assertRefused(ErrorCode.TARGET_NOT_EMPTY, () -> plan(latest()));
    }

    @Test
    void theDirectoryOfARunningServerIsRefused() throws IOException {
        new SyntheticBackup().storeIn(primary, KEYS);
        Files.createDirectories(target);
        Files.writeString(
                target.resolve("postmaster.pid"),
                ProcessHandle.current().pid() + "\n" + target + "\n");
        assertRefused(ErrorCode.TARGET_LIVE, () -> plan(latest()));
    }

    @Test
    void aTablespaceWithoutItsOldDirectoryAsksForAMapping() {
        new SyntheticBackup().tablespaceAt(temporary.resolve("gone")).storeIn(primary, KEYS);
        assertRefused(
                        ErrorCode.REQUEST_INVALID,
                        () -> plan(latest().withTablespaces(TablespaceMapping.NONE)))
                .extracting(e -> ((CairnException) e).hint().orElseThrow())
                .asString()
                .contains("--tablespace-map " + temporary.resolve("gone") + "=NEW");
    }

    @Test
    void aTablespaceDirectoryWithFilesIsRefused() throws IOException {
        Path old = Files.createDirectory(temporary.resolve("old"));
        Files.writeString(old.resolve("precious"), "x");
        new SyntheticBackup().tablespaceAt(old).storeIn(primary, KEYS);
        assertRefused(
                        ErrorCode.TARGET_NOT_EMPTY,
                        () -> plan(latest().withTablespaces(TablespaceMapping.NONE)))
                .hasMessageContaining(old.toString());
    }

    @Test
    void aMappingOfNoTablespaceIsAMistake() {
        new SyntheticBackup().storeIn(primary, KEYS);
        TablespaceMapping mistyped = TablespaceMapping.parse(List.of("/srv/slow=/srv/new"));
        assertRefused(ErrorCode.REQUEST_INVALID, () -> plan(latest().withTablespaces(mistyped)))
                .hasMessageContaining("/srv/slow");
    }

    @Test
    void aListingShowsEveryBackupWithItsCopies() {
        new SyntheticBackup().storeIn(primary, KEYS);
        copy(primary, secondary);
        new SyntheticBackup().labelled(NEWER.value()).storeIn(secondary, KEYS);
        BackupListing listing = lister().list(SyntheticBackup.CLUSTER);
        assertThat(listing.problems()).isEmpty();
        assertThat(listing.backups())
                .extracting(backup -> backup.commit().label())
                .containsExactly(SyntheticBackup.LABEL, NEWER);
        assertThat(listing.backups())
                .extracting(backup -> backup.copies().size())
                .containsExactly(2, 1);
        assertThat(lister().clusters(CopyProblem::message))
                .containsExactly(SyntheticBackup.CLUSTER);
    }

    @Test
    void whatIsNotCairnsHidesNoBackup() {
        new SyntheticBackup().storeIn(primary, KEYS);
        for (String key :
                List.of(
                        ".probe/1/x",
                        "Photos/2026/summer.jpg",
                        "shop/notes/today.txt",
                        SyntheticBackup.CLUSTER
                                + "/"
                                + SyntheticBackup.SYSTEM
                                + "/backups/old/1.tar")) {
            primary.putIfAbsent(new ObjectKey(key), ObjectBody.of(new byte[] {1})).orThrow();
        }

        assertThat(lister().clusters(CopyProblem::message))
                .containsExactly(SyntheticBackup.CLUSTER);
        assertThat(lister().list(SyntheticBackup.CLUSTER).backups()).hasSize(1);
        assertThat(plan(latest()).commit().label()).isEqualTo(SyntheticBackup.LABEL);
    }

    @Test
    void aStoreWhoseClustersCannotBeListedIsSaid() {
        new SyntheticBackup().storeIn(primary, KEYS);
        primary.failAlways(ErrorCode.STORE_UNREACHABLE);
        List<CopyProblem> problems = new ArrayList<>();

        assertThat(lister().clusters(problems::add)).isEmpty();
        assertThat(problems).extracting(problem -> problem.store().value()).contains("primary");
    }

    @Test
    void aListingWithoutOneStoreSaysSo() {
        new SyntheticBackup().storeIn(primary, KEYS);
        secondary.failAlways(ErrorCode.STORE_UNREACHABLE);
        BackupListing listing = lister().list(SyntheticBackup.CLUSTER);
        assertThat(listing.backups()).hasSize(1);
        assertThat(listing.problems())
                .extracting(problem -> problem.store().value())
                .contains("secondary");
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable>
            assertRefused(ErrorCode code, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CairnException.class,
                        e -> {
                            assertThat(e.code()).as(e.messageWithHint()).isEqualTo(code);
                            assertThat(e.hint()).isPresent();
                        });
    }

    private static void copy(FakeObjectStore from, FakeObjectStore to) {
        from.keys().forEach(key -> ObjectStores.copy(from, key, to));
    }

    private RestorePlan plan(RestoreRequest request) {
        return planner().plan(request);
    }

    private RestorePlanner planner() {
        return new RestorePlanner(lister(), KEYS.recipient(), GzipCodec.zlib());
    }

    private BackupLister lister() {
        return new BackupLister(
                List.of(
                        new BackupReader(primary, KEYS.trustAnchor()),
                        new BackupReader(secondary, KEYS.trustAnchor())));
    }

    private RestoreRequest latest() {
        return request(new BackupSelection.Latest());
    }

    private RestoreRequest labelled(BackupLabel label) {
        return request(new BackupSelection.Labelled(label));
    }

    private RestoreRequest request(BackupSelection selection) {
        return SyntheticBackup.request(selection, target);
    }
}

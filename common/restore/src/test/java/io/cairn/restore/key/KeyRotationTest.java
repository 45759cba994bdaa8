package io.cairn.restore.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.Identity;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.archive.key.Recipients;
import io.cairn.archive.key.WrappedKey;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.Timeline;
import io.cairn.model.backup.ClusterRoot;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.record.Tombstone;
import io.cairn.model.wal.SegmentSize;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.fixture.SyntheticBackup;
import io.cairn.restore.fixture.TestKeys;
import io.cairn.restore.fixture.WalArchive;
import io.cairn.storage.FakeObjectStore;
import io.cairn.storage.ObjectBody;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.ObjectStores;
import io.cairn.storage.Retention;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class KeyRotationTest {

    private static final TestKeys KEYS = TestKeys.create();
    private static final Identity OLD = KEYS.recipient();
    private static final Identity NEW = recipient("new", KeyAlgorithm.EC_P256);
    private static final Identity SECOND = recipient("second", KeyAlgorithm.EC_P256);
    private static final Recipients TO_NEW = new Recipients(List.of(NEW.certificate()));
    private static final ErrorCode AWAY = ErrorCode.STORE_UNREACHABLE;

    /** What is copied into each test's stores: a backup and a stream session, without volumes. */
    private static final FakeObjectStore WRITTEN = FakeObjectStore.plain("written");

    private static final CommitObject COMMIT = new SyntheticBackup().storeIn(WRITTEN, KEYS);
    private static final ClusterRoot ROOT = COMMIT.layout().root();
    private static final String SESSION = session();

    private final FakeObjectStore primary = store("primary");
    private final FakeObjectStore secondary = store("secondary");

    private static Identity recipient(String name, KeyAlgorithm algorithm) {
        return KEYS.authority()
                .issueRecipient(name, algorithm, Instant.now(), Duration.ofDays(365));
    }

    private static String session() {
        new WalArchive(
                WRITTEN,
                KEYS,
                ROOT,
                new SegmentSize(1 << 20),
                new Timeline(1),
                Lsn.parse("0/200000"));
        return WRITTEN.keys().stream()
                .map(ObjectKey::value)
                .filter(key -> key.contains("/keys/wal/"))
                .findFirst()
                .orElseThrow();
    }

    private static FakeObjectStore store(String name) {
        FakeObjectStore store = FakeObjectStore.locking(name, InstantSource.system());
        WRITTEN.keys().stream()
                .filter(key -> !key.value().matches(".*\\.tar/.*"))
                .forEach(key -> ObjectStores.copy(WRITTEN, key, store));
        return store;
    }

    @Test
    void bothPrivateKeysOpenAfterPhaseOneAndOnlyTheNewOneAfterPhaseTwo() throws Exception {
        KeyRotation.Report added = rotation(OLD, NEW).add(ROOT, false, (_, _) -> {});

        assertThat(added.keys()).isEqualTo(2);
        assertThat(added.added()).isEqualTo(4);
        assertThat(added.proven()).isEqualTo(2);
        assertThat(added.problems()).isEmpty();
        requireOpens(OLD);
        requireOpens(NEW);
        assertThat(primary.keys()).isEqualTo(secondary.keys());
        requireSameWraps();

        KeyRotation.Report retired = rotation(NEW).retire(ROOT, false, (_, _) -> {});

        assertThat(retired.removed()).isEqualTo(4);
        assertThat(retired.kept()).isEmpty();
        requireOpens(NEW);
        assertThat(wraps(primary)).hasSize(2).allMatch(this::isRotated);
        assertThat(wraps(secondary)).isEqualTo(wraps(primary));
        for (ObjectStore store : List.of(primary, secondary)) {
            assertThat(fails(() -> new BackupWraps(store, COMMIT).open(OLD)).code())
                    .isEqualTo(ErrorCode.KEY_CANNOT_DECRYPT);
        }
    }

    @Test
    void keysOfBackupsThatHaveExpiredAreLeftToTheCleanUp() throws Exception {
        Tombstone tombstone =
                new Tombstone(COMMIT.label(), Instant.EPOCH, "test", Sha256.of(new byte[] {1}));
        secondary.putIfAbsent(tombstone.key(ROOT), ObjectBody.of(tombstone.toJson()));
        List<ObjectKey> before = primary.keys();

        KeyRotation.Report added = rotation(OLD, NEW).add(ROOT, false, (_, _) -> {});
        KeyRotation.Report retired = rotation(NEW).retire(ROOT, false, (_, _) -> {});

        // The stream session's, in two stores.
        assertThat(added.keys()).isEqualTo(1);
        assertThat(added.added()).isEqualTo(2);
        assertThat(retired.removed()).isEqualTo(2);
        assertThat(retired.problems()).isEmpty();
        assertThat(primary.keys())
                .containsAll(
                        before.stream().filter(key -> !key.value().contains("/keys/wal/")).toList())
                .noneMatch(key -> key.value().contains("/keys/backups/") && isRotated(key));
    }

    @Test
    void doneTwiceItChangesNothing() throws Exception {
        rotation(OLD, NEW).add(ROOT, false, (_, _) -> {});
        List<ObjectKey> before = wraps(primary);

        assertThat(rotation(OLD, NEW).add(ROOT, false, (_, _) -> {}).added()).isZero();
        assertThat(wraps(primary)).isEqualTo(before);
        rotation(NEW).retire(ROOT, false, (_, _) -> {});
        assertThat(rotation(NEW).retire(ROOT, false, (_, _) -> {}).removed()).isZero();
        assertThat(rotation(NEW).add(ROOT, false, (_, _) -> {}).added()).isZero();
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        List<ObjectKey> before = primary.keys();

        assertThat(rotation(OLD, NEW).add(ROOT, true, (_, _) -> {}).added()).isEqualTo(4);
        assertThat(primary.keys()).isEqualTo(before);
        rotation(OLD, NEW).add(ROOT, false, (_, _) -> {});
        List<ObjectKey> after = primary.keys();
        assertThat(rotation(NEW).retire(ROOT, true, (_, _) -> {}).removed()).isEqualTo(4);
        assertThat(primary.keys()).isEqualTo(after);
    }

    @Test
    void aRecipientWhosePrivateKeyNobodyHasShownIsRefusedAndNothingIsChanged() {
        for (KeyRotation rotation :
                List.of(
                        rotation(TO_NEW, OLD),
                        rotation(
                                new Recipients(List.of(NEW.certificate(), SECOND.certificate())),
                                OLD,
                                NEW))) {
            List<ObjectKey> before = primary.keys();

            CairnException refused = fails(() -> rotation.add(ROOT, false, (_, _) -> {}));

            assertThat(refused.code()).isEqualTo(ErrorCode.KEY_CANNOT_DECRYPT);
            assertThat(refused.hint().orElseThrow()).contains("--proof-identity");
            assertThat(primary.keys()).isEqualTo(before);
        }
    }

    @Test
    void thatExecutorsWrapForARecipientAlreadyShowsNothing() {
        Recipients two = new Recipients(List.of(NEW.certificate(), SECOND.certificate()));
        new SyntheticBackup()
                .labelled("20261123T020000Z-F")
                .storeIn(primary, new TestKeys(KEYS.authority(), SECOND, KEYS.signer()));

        assertThat(fails(() -> rotation(two, OLD, NEW).add(ROOT, false, (_, _) -> {})))
                .hasMessageContaining(
                        "nobody has shown the private key of the recipient CN=second");
    }

    @Test
    void aRecipientOfBeforeNeedNotShowItsKeyAgain() throws Exception {
        Recipients both = new Recipients(List.of(OLD.certificate(), NEW.certificate()));
        rotation(both, OLD, NEW).add(ROOT, false, (_, _) -> {});
        requireOpens(OLD);
        requireOpens(NEW);

        KeyRotation.Report again = rotation(both, NEW).add(ROOT, false, (_, _) -> {});

        assertThat(again.added()).isZero();
        assertThat(again.proven()).isEqualTo(2);
    }

    @Test
    void brokenOffAnywhereBothPhasesGoOnWhereTheyWere() throws Exception {
        int runs = 0;
        for (int n = 1; brokenOffAt(n, true, false); n++) {
            runs++;
        }
        for (int n = 1; brokenOffAt(n, false, true); n++) {
            runs++;
        }
        assertThat(runs).as("calls at which it was broken off").isGreaterThan(15);
    }

    /** Whether any of both phases made so many calls. */
    private boolean brokenOffAt(int n, boolean first, boolean answerLost) throws Exception {
        FakeObjectStore one = store("primary");
        FakeObjectStore two = store("secondary");
        FakeObjectStore faulty = first ? one : two;
        List<ObjectStore> stores = List.of(one, two);
        KeyRotation adding = rotation(stores, TO_NEW, OLD, NEW);
        boolean inAdding =
                breaksOff(faulty, n, answerLost, () -> adding.add(ROOT, false, (_, _) -> {}));
        requireOpens(OLD, one, two);
        KeyRotation.Report added = adding.add(ROOT, false, (_, _) -> {});
        assertThat(added.proven()).isEqualTo(2);
        assertThat(wraps(one)).hasSize(4).isEqualTo(wraps(two));
        requireSameWraps(one, two);
        requireOpens(NEW, one, two);

        KeyRotation retiring = rotation(stores, TO_NEW, NEW);
        boolean inRetiring =
                breaksOff(faulty, n, answerLost, () -> retiring.retire(ROOT, false, (_, _) -> {}));
        requireOpens(NEW, one, two);
        retiring.retire(ROOT, false, (_, _) -> {});
        requireOpens(NEW, one, two);
        assertThat(wraps(one)).hasSize(2).isEqualTo(wraps(two));
        return inAdding || inRetiring;
    }

    private interface Phase {
        Object run() throws InterruptedException;
    }

    /** Whether it made so many calls; a single read that fails is repeated. */
    private static boolean breaksOff(FakeObjectStore faulty, int n, boolean answerLost, Phase phase)
            throws Exception {
        int before = faulty.calls().size();
        if (answerLost) {
            faulty.loseAnswerAt(n);
        } else {
            faulty.failAt(n, AWAY);
        }
        try {
            phase.run();
        } catch (CairnException e) {
            assertThat(e.code()).isEqualTo(AWAY);
        } finally {
            faulty.heal();
        }
        return faulty.calls().size() - before >= n;
    }

    @Test
    void nothingIsRemovedWhileOneWrapIsNotProven() throws Exception {
        rotation(OLD, NEW).add(ROOT, false, (_, _) -> {});
        ObjectKey lost =
                wraps(secondary).stream().filter(this::isRotated).findFirst().orElseThrow();
        secondary.lose(lost);
        List<ObjectKey> before = primary.keys();

        KeyRotation.Report report = rotation(NEW).retire(ROOT, false, (_, _) -> {});

        assertThat(report.removed()).isZero();
        assertThat(report.problems())
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.cause())
                                .hasMessageContaining(
                                        "no wrap for the new recipients in store 'secondary'"));
        assertThat(primary.keys()).isEqualTo(before);
    }

    @Test
    void aForeignWrapUnderTheNewNameIsFoundInPhaseOneAndNeverTrusted() throws Exception {
        ObjectKey rotated = COMMIT.layout().rotatedKey(COMMIT.attempt(), TO_NEW.rotation());
        BackupKey foreign = BackupKey.random(new SecureRandom());
        primary.putIfAbsent(rotated, ObjectBody.of(TO_NEW.wrap(foreign, Instant.now())));
        ObjectKey ofSession =
                new ObjectKey(SESSION.replace(".cms", "." + TO_NEW.rotation() + ".cms"));
        byte[] text = TO_NEW.wrap(foreign, Instant.now());
        primary.putIfAbsent(ofSession, ObjectBody.of(text));

        KeyRotation.Report report = rotation(OLD, NEW).add(ROOT, false, (_, _) -> {});

        assertThat(report.problems())
                .hasSize(2)
                .allSatisfy(problem ->
                        assertThat(problem.cause().code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT));
        assertThat(report.proven()).isZero();
        assertThat(rotation(OLD, NEW).retire(ROOT, false, (_, _) -> {}).removed()).isZero();
        requireOpens(OLD);
    }

    @Test
    void aKeyThatNobodyAtHandOpensIsToldAndTheOthersAreDone() throws Exception {
        Identity stranger = recipient("stranger", KeyAlgorithm.EC_P256);
        ObjectKey odd = new ObjectKey(SESSION.replaceAll("-[0-9a-f]{32}", "-" + "0".repeat(32)));
        primary.putIfAbsent(
                odd,
                ObjectBody.of(
                        WrappedKey.wrap(
                                BackupKey.random(new SecureRandom()),
                                List.of(stranger.certificate()),
                                Instant.now())));

        KeyRotation.Report report = rotation(OLD, NEW).add(ROOT, false, (_, _) -> {});

        assertThat(report.proven()).isEqualTo(2);
        assertThat(report.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.key()).isEqualTo(odd));
    }

    @Test
    void olderWrapsThatAreLockedStayAndAreListedWithTheirDates() throws Exception {
        Instant until = Instant.parse("2027-05-01T00:00:00Z");
        secondary.retain(COMMIT.key().key(), new Retention(ObjectLockMode.COMPLIANCE, until));
        primary.hold(new ObjectKey(SESSION), true);
        rotation(OLD, NEW).add(ROOT, false, (_, _) -> {});

        for (boolean dryRun : List.of(true, false)) {
            KeyRotation.Report report = rotation(NEW).retire(ROOT, dryRun, (_, _) -> {});

            assertThat(report.removed()).isEqualTo(2);
            assertThat(report.kept())
                    .containsExactlyInAnyOrder(
                            new KeyRotation.Kept(
                                    secondary.name(), COMMIT.key().key(), Optional.of(until)),
                            new KeyRotation.Kept(
                                    primary.name(), new ObjectKey(SESSION), Optional.empty()));
        }
        requireOpens(NEW);
    }

    @Test
    void theNewWrapOfWhatALegalHoldKeepsIsHeldInTheSameStore() throws Exception {
        primary.hold(new ObjectKey(SESSION), true);

        rotation(OLD, NEW).add(ROOT, false, (_, _) -> {});

        assertThat(wraps(primary)).filteredOn(primary::held).hasSize(2).anyMatch(this::isRotated);
        assertThat(wraps(secondary)).noneMatch(secondary::held);
    }

    @Test
    void aBackupThatWasTakenForTheNewRecipientsIsLeftAsItIs() throws Exception {
        TestKeys onlyNew = new TestKeys(KEYS.authority(), NEW, KEYS.signer());
        CommitObject later =
                new SyntheticBackup().labelled("20261123T020000Z-F").storeIn(primary, onlyNew);

        KeyRotation.Report report = rotation(OLD, NEW).add(ROOT, false, (_, _) -> {});

        assertThat(report.keys()).isEqualTo(3);
        assertThat(report.added()).isEqualTo(4);
        assertThat(report.proven()).isEqualTo(3);
        rotation(NEW).retire(ROOT, false, (_, _) -> {});
        assertThat(new BackupWraps(primary, later).open(NEW).id()).isEqualTo(later.keyId());
        assertThat(primary.keys()).contains(later.key().key());
    }

    private KeyRotation rotation(Identity... identities) {
        return rotation(TO_NEW, identities);
    }

    private KeyRotation rotation(Recipients recipients, Identity... identities) {
        return rotation(List.of(primary, secondary), recipients, identities);
    }

    private static KeyRotation rotation(
            List<ObjectStore> stores, Recipients recipients, Identity... identities) {
        return new KeyRotation(
                stores,
                KEYS.trustAnchor(),
                recipients,
                List.of(identities),
                InstantSource.system(),
                1);
    }

    private boolean isRotated(ObjectKey wrap) {
        return wrap.value().endsWith("." + TO_NEW.rotation() + ".cms");
    }

    private static List<ObjectKey> wraps(FakeObjectStore store) {
        return store.keys().stream().filter(key -> key.value().contains("/keys/")).toList();
    }

    private void requireOpens(Identity identity) {
        requireOpens(identity, primary, secondary);
    }

    /** The backup and the session, in each store by itself. */
    private static void requireOpens(Identity identity, FakeObjectStore... stores) {
        for (FakeObjectStore store : stores) {
            assertThat(new BackupWraps(store, COMMIT).open(identity).id())
                    .isEqualTo(COMMIT.keyId());
            assertThat(
                            new KeyCheck(identity)
                                    .check(
                                            ROOT.cluster(),
                                            new BackupReader(store, KEYS.trustAnchor())))
                    .hasSize(2)
                    .allMatch(KeyCheck.Finding::opens);
        }
    }

    private void requireSameWraps() {
        requireSameWraps(primary, secondary);
    }

    private static void requireSameWraps(FakeObjectStore one, FakeObjectStore two) {
        wraps(one)
                .forEach(wrap ->
                        assertThat(two.read(wrap, 1 << 20)).isEqualTo(one.read(wrap, 1 << 20)));
    }

    private static CairnException fails(ThrowingCallable call) {
        return catchThrowableOfType(CairnException.class, call);
    }
}

package io.cairn.catalog.backup;

import static io.cairn.catalog.Histories.PRIMARY;
import static io.cairn.catalog.Histories.SECONDARY;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.catalog.Histories;
import io.cairn.catalog.projection.Projection;
import io.cairn.events.BackupCompleted;
import io.cairn.events.ValidationFailed;
import io.cairn.model.AttemptId;
import io.cairn.model.RunId;
import io.cairn.model.Tier;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CataloguedBackupTest {

    private static final Instant T = Instant.parse("2026-11-22T02:10:00Z");
    private static final RunId RUN = RunId.parse("shop:20261122T020000Z-F");
    private static final AttemptId ATTEMPT = new AttemptId("00000000000000aa");

    private static final Copy COMMITTED = Copy.of(RUN, ATTEMPT, PRIMARY).with(Arrival.committed(T));
    private static final Copy REPLICATED =
            Copy.of(RUN, ATTEMPT, SECONDARY)
                    .with(
                            Arrival.of(
                                    new Arrival.Replicated(
                                            T.plusSeconds(20),
                                            PRIMARY,
                                            Duration.ofSeconds(20),
                                            1000)));

    @Test
    void aBackupIsProtectedOnlyWhenVerifiedAndCompleteInEveryCopy() {
        assertThat(state(COMMITTED)).isEqualTo(BackupState.COMPLETE);
        assertThat(state(COMMITTED, REPLICATED)).isEqualTo(BackupState.COMPLETE);
        assertThat(state(passed(COMMITTED, 60))).isEqualTo(BackupState.VERIFIED);
        assertThat(state(passed(COMMITTED, 60), REPLICATED)).isEqualTo(BackupState.PROTECTED);
    }

    @Test
    void oneWrongCopyMakesItInvalidUntilThatCopyIsProvenAgain() {
        Copy wrong = REPLICATED.with(Verification.of(finding(70)));

        assertThat(state(passed(COMMITTED, 60), wrong)).isEqualTo(BackupState.INVALID);
        assertThat(state(passed(COMMITTED, 80), wrong)).isEqualTo(BackupState.INVALID);
        assertThat(state(passed(COMMITTED, 60), passed(wrong, 80)))
                .isEqualTo(BackupState.PROTECTED);
    }

    /** The catalog cannot check signatures; it takes the validator's word. */
    @Test
    void aBackupThatNoExecutorSignedIsInvalidOnceTheValidatorSaidSo() {
        Copy forged =
                Projection.of(
                                new ValidationFailed(
                                        RUN,
                                        ATTEMPT,
                                        PRIMARY,
                                        "bytes",
                                        T.plusSeconds(60),
                                        ErrorCode.SIGNATURE_UNTRUSTED,
                                        "nobody vouches for its signer",
                                        Optional.empty(),
                                        Optional.empty()))
                        .copies()
                        .byId()
                        .values()
                        .iterator()
                        .next();

        assertThat(state(COMMITTED, REPLICATED)).isEqualTo(BackupState.COMPLETE);
        assertThat(state(COMMITTED.join(forged), REPLICATED)).isEqualTo(BackupState.INVALID);
    }

    @Test
    void aFailedDrillIsNotRefutedByReadingTheBytes() {
        Copy failed = COMMITTED.with(Drill.of(finding(70)));

        assertThat(state(passed(failed, 90), REPLICATED)).isEqualTo(BackupState.INVALID);
        assertThat(
                        state(
                                passed(failed, 90)
                                        .join(
                                                COMMITTED.with(
                                                        Drill.of(
                                                                new Drill.Passed(
                                                                        T.plusSeconds(95),
                                                                        Duration.ofSeconds(9),
                                                                        Duration.ofMinutes(15),
                                                                        1,
                                                                        1,
                                                                        true)))),
                                REPLICATED))
                .isEqualTo(BackupState.PROTECTED);
    }

    @Test
    void aFailureInTheMomentOfThePassStands() {
        assertThat(state(passed(COMMITTED.with(Verification.of(finding(60))), 60), REPLICATED))
                .isEqualTo(BackupState.INVALID);
    }

    @Test
    void damageAtTheSourceProtectsNothing() {
        CataloguedBackup damaged =
                new CataloguedBackup(backup(true), List.of(passed(COMMITTED, 60), REPLICATED));

        assertThat(damaged.state(List.of(PRIMARY, SECONDARY))).isEqualTo(BackupState.DAMAGED);
    }

    @Test
    void aCopyWhereItWasCommittedHasNoLag() {
        assertThat(COMMITTED.arrival().lag()).contains(Duration.ZERO);
        assertThat(REPLICATED.arrival().lag()).contains(Duration.ofSeconds(20));
        assertThat(Copy.of(RUN, ATTEMPT, SECONDARY).arrival().lag()).isEmpty();
    }

    private static BackupState state(Copy... copies) {
        return new CataloguedBackup(backup(false), List.of(copies))
                .state(List.of(PRIMARY, SECONDARY));
    }

    private static Copy passed(Copy copy, int second) {
        return copy.join(
                Copy.of(copy.run(), copy.attempt(), copy.store())
                        .with(
                                Verification.of(
                                        new Verification.Passed(
                                                T.plusSeconds(second), 4, 1000, 90))));
    }

    private static Finding finding(int second) {
        return new Finding(
                T.plusSeconds(second),
                ErrorCode.ARCHIVE_CORRUPT,
                "wrong bytes",
                Optional.empty(),
                Optional.empty());
    }

    private static Backup backup(boolean damaged) {
        CommitObject commit = Histories.commit(RUN, Tier.OLTP, ATTEMPT, T, damaged);
        return Backup.of(BackupCompleted.of(commit, Histories.object(commit), PRIMARY));
    }
}

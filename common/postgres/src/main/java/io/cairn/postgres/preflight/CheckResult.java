package io.cairn.postgres.preflight;

import io.cairn.model.error.CairnException;
import java.util.Optional;

/**
 * The outcome of one check.
 *
 * @param subject the host's address, or the cluster's name for what concerns all hosts
 * @param name stable and short, such as {@code replication}
 * @param detail one line: what was found
 * @param hint how to mend or improve it: SQL, a line of {@code pg_hba.conf}, a setting
 */
public record CheckResult(
        String subject, String name, Level level, String detail, Optional<String> hint) {

    /** What the outcome means for backups. */
    public enum Level {
        OK,
        /** Backups work; something that Cairn also does, or that protects them, does not. */
        WARNING,
        /** Backups cannot work. */
        FAILED
    }

    /** Whether backups can work as far as this check goes. */
    public boolean ok() {
        return level != Level.FAILED;
    }

    static CheckResult ok(String subject, String name, String detail) {
        return new CheckResult(subject, name, Level.OK, detail, Optional.empty());
    }

    static CheckResult warning(String subject, String name, String detail, String hint) {
        return new CheckResult(subject, name, Level.WARNING, detail, Optional.of(hint));
    }

    static CheckResult failed(String subject, String name, String detail, String hint) {
        return new CheckResult(subject, name, Level.FAILED, detail, Optional.of(hint));
    }

    static CheckResult failed(String subject, String name, CairnException failure) {
        return new CheckResult(subject, name, Level.FAILED, failure.getMessage(), failure.hint());
    }
}

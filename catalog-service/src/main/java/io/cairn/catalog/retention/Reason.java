package io.cairn.catalog.retention;

import io.cairn.model.BackupLabel;
import io.cairn.model.StoreName;
import java.time.Instant;

/** Why a backup is kept. */
public sealed interface Reason {

    /** One line for an operator. */
    String text();

    /** It is younger than its tier's retention. */
    record Young(Instant until) implements Reason {
        @Override
        public String text() {
            return "kept until " + until;
        }
    }

    /** A kept backup builds on it, or cannot be recovered without it. */
    record NeededBy(BackupLabel label) implements Reason {
        @Override
        public String text() {
            return "needed by " + label;
        }
    }

    /** Recovery to the begin of the point-in-time window starts from it. */
    record WindowBase(StoreName store) implements Reason {
        @Override
        public String text() {
            return "begins the point-in-time window in " + store;
        }
    }

    record NewestProven(Instant provenAt) implements Reason {
        @Override
        public String text() {
            return "the newest that was proven, at " + provenAt;
        }
    }

    /** It is damaged or was not proven, and no newer one is proven either. */
    record Unproven() implements Reason {
        @Override
        public String text() {
            return "nothing newer is proven";
        }
    }

    /**
     * A legal hold covers it.
     *
     * @param label what the hold was placed on
     */
    record Held(String id, BackupLabel label) implements Reason {
        @Override
        public String text() {
            return "hold " + id + " on " + label;
        }
    }

    /** A lock of the store, on an object of it, still runs. */
    record Locked(StoreName store, Instant until) implements Reason {
        @Override
        public String text() {
            return "locked until " + until + " in " + store;
        }
    }

    /** Something works on it. */
    record Busy(Work work) implements Reason {
        @Override
        public String text() {
            return work.text();
        }
    }

    /** What works on a backup. */
    enum Work {
        RUNNING("being taken"),
        COPYING("being copied"),
        DRILLING("being drilled"),
        RESTORING("being restored"),
        VERIFYING("being verified");

        private final String text;

        Work(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }
}

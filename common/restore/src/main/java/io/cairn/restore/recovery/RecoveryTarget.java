package io.cairn.restore.recovery;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * The point that a cluster is brought back to. What the point names is included: the transaction,
 * the record that begins at the LSN, what was committed at the time.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/runtime-config-wal.html#RUNTIME-CONFIG-WAL-RECOVERY-TARGET">Recovery
 *     Target</a>
 */
public sealed interface RecoveryTarget {

    /** The end of what is stored without a hole. */
    record Latest() implements RecoveryTarget {
        @Override
        public String toString() {
            return "latest";
        }
    }

    /** As soon as the backup is consistent. */
    record Immediate() implements RecoveryTarget {
        @Override
        public String toString() {
            return "immediate";
        }
    }

    /**
     * @param time to the microsecond, as transactions are stamped
     */
    record Time(Instant time) implements RecoveryTarget {
        public Time {
            time = time.truncatedTo(ChronoUnit.MICROS);
        }

        @Override
        public String toString() {
            return "time " + time;
        }
    }

    record Lsn(io.cairn.model.Lsn position) implements RecoveryTarget {
        @Override
        public String toString() {
            return "LSN " + position;
        }
    }

    /**
     * @param id as {@code pg_current_xact_id()} shows it, with its epoch or without
     */
    record Xid(long id) implements RecoveryTarget {
        @Override
        public String toString() {
            return "transaction " + Long.toUnsignedString(id);
        }
    }

    /** A restore point, {@code pg_create_restore_point}. */
    record Name(String name) implements RecoveryTarget {
        private static final int BYTES_MAX = 63;

        public Name {
            if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
                throw new CairnException(
                        ErrorCode.REQUEST_INVALID,
                        "'" + name + "' is not the name of a restore point",
                        "it has 1 to " + BYTES_MAX + " bytes");
            }
        }

        @Override
        public String toString() {
            return "restore point '" + name + "'";
        }
    }

    /**
     * Reads a time: {@code 2026-11-22 18:00:00+01}, {@code 2026-11-22T17:00Z}, {@code 2026-11-22
     * 18:00 Europe/Berlin}.
     *
     * @throws CairnException {@link ErrorCode#REQUEST_INVALID}, also if it names no zone: whoever
     *     meant another one would get another state
     */
    static Time time(String text) {
        try {
            return new Time(ZonedDateTime.parse(text.strip(), TimeText.FORMAT).toInstant());
        } catch (DateTimeException e) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "'" + text + "' is not a time with a zone",
                    "write it as '2026-11-22 18:00:00+01' or '2026-11-22T17:00:00Z'",
                    e);
        }
    }

    /**
     * @throws CairnException {@link ErrorCode#REQUEST_INVALID}
     */
    static Xid xid(String text) {
        try {
            return new Xid(Long.parseUnsignedLong(text));
        } catch (NumberFormatException e) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "'" + text + "' is not a transaction id",
                    "a number, as pg_current_xact_id() shows it",
                    e);
        }
    }

    /** The grammar of times. */
    final class TimeText {

        private static final DateTimeFormatter FORMAT =
                new DateTimeFormatterBuilder()
                        .parseCaseInsensitive()
                        .append(DateTimeFormatter.ISO_LOCAL_DATE)
                        .appendPattern("['T'][' ']HH:mm[:ss]")
                        .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                        .appendPattern("[' '][XXX][XX][X][VV]")
                        .parseDefaulting(ChronoField.SECOND_OF_MINUTE, 0)
                        .toFormatter(Locale.ROOT);

        private TimeText() {}
    }
}

package io.cairn.model.archival;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** When volumes go to the storage class of an {@link ArchiveRule}. */
public sealed interface ArchiveMoment {

    /** They are put there. */
    record Upload() implements ArchiveMoment {

        @Override
        public String toString() {
            return "upload";
        }
    }

    /** Once a restore drill of their backup, from any store, has passed. */
    record Drill() implements ArchiveMoment {

        @Override
        public String toString() {
            return "drill";
        }
    }

    /**
     * So long after they were stored; S3 looks once a day.
     *
     * @param age whole days, 1 or more
     */
    record Age(Duration age) implements ArchiveMoment {

        public Age {
            if (age.toDays() < 1 || !age.equals(Duration.ofDays(age.toDays()))) {
                throw new CairnException(
                        ErrorCode.CONFIG_INVALID,
                        "S3 archives after whole days, and at least one",
                        "write 1d or more, or upload");
            }
        }

        @Override
        public String toString() {
            return age.toDays() + "d";
        }
    }

    Pattern DAYS = Pattern.compile("(\\d{1,5})d");

    /**
     * @param text {@code upload}, {@code drill}, or days: {@code 30d}
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if it is none of them
     */
    static ArchiveMoment parse(String text) {
        Matcher days = DAYS.matcher(text);
        if (days.matches()) {
            return new Age(Duration.ofDays(Long.parseLong(days.group(1))));
        }
        return switch (text) {
            case "upload" -> new Upload();
            case "drill" -> new Drill();
            default ->
                    throw new CairnException(
                            ErrorCode.CONFIG_INVALID,
                            "'" + text + "' is not upload, drill or a number of days like 30d",
                            "upload: at once; drill: once a restore of it was tried; 30d: so long after it was stored");
        };
    }
}

package io.cairn.config;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a text is five fields of Unix cron (crontab(5)): lists of {@code *}, {@code n}, {@code
 * n-m}, each with an optional {@code /step}; names for months and days of the week. Only checked
 * here, so that a mistake is found with its line in the file; the scheduler calculates with it.
 */
final class CronCheck {

    private static final Pattern ITEM =
            Pattern.compile(
                    "(?:(\\*)|([0-9]{1,2}|[a-z]{3})(?:-([0-9]{1,2}|[a-z]{3}))?)(?:/([0-9]{1,2}))?");
    private static final List<String> MONTHS =
            List.of(
                    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                    "dec");
    private static final List<String> DAYS =
            List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    private enum Field {
        MINUTE(0, 59, List.of()),
        HOUR(0, 23, List.of()),
        DAY_OF_MONTH(1, 31, List.of()),
        MONTH(1, 12, MONTHS),
        DAY_OF_WEEK(0, 7, DAYS);

        private final int min;
        private final int max;
        private final List<String> names;

        Field(int min, int max, List<String> names) {
            this.min = min;
            this.max = max;
            this.names = names;
        }

        boolean accepts(String text) {
            return List.of(text.split(",", -1)).stream().allMatch(this::acceptsItem);
        }

        private boolean acceptsItem(String item) {
            Matcher matcher = ITEM.matcher(item);
            if (!matcher.matches()
                    || (matcher.group(4) != null && Integer.parseInt(matcher.group(4)) == 0)) {
                return false;
            }
            if (matcher.group(1) != null) {
                return true;
            }
            int from = number(matcher.group(2));
            int to = matcher.group(3) == null ? from : number(matcher.group(3));
            return from >= min && from <= to && to <= max;
        }

        private int number(String text) {
            int name = names.indexOf(text);
            if (name >= 0) {
                return name + min;
            }
            return Character.isDigit(text.charAt(0)) ? Integer.parseInt(text) : -1;
        }
    }

    private CronCheck() {}

    static String require(String cron) {
        String[] fields = cron.strip().toLowerCase(Locale.ROOT).split("\\s+");
        if (fields.length != Field.values().length) {
            throw new IllegalArgumentException(
                    "'"
                            + cron
                            + "' is not five fields of cron: minute hour day-of-month month day-of-week, in UTC");
        }
        int position = 0;
        for (Field field : Field.values()) {
            String text = fields[position++];
            if (!field.accepts(text)) {
                throw new IllegalArgumentException(
                        "'"
                                + text
                                + "' in '"
                                + cron
                                + "' is no "
                                + field.name().toLowerCase(Locale.ROOT).replace('_', '-')
                                + " of cron, "
                                + field.min
                                + " to "
                                + field.max);
            }
        }
        return cron.strip();
    }
}

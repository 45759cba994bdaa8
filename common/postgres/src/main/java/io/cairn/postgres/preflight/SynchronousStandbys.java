package io.cairn.postgres.preflight;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whom commits wait for.
 *
 * @param needed how many of {@code names} must have flushed, of {@code FIRST} as of {@code ANY}; 0
 *     if commits wait for nobody
 * @param names as {@code application_name} has them; {@code *} is everybody
 * @see <a
 *     href="https://www.postgresql.org/docs/current/runtime-config-replication.html#GUC-SYNCHRONOUS-STANDBY-NAMES">synchronous_standby_names</a>
 */
record SynchronousStandbys(int needed, List<String> names) {

    private static final Pattern COUNTED =
            Pattern.compile(
                    "(?:(?:FIRST|ANY)\\s+)?(\\d{1,9})\\s*\\((.*)\\)",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("\"((?:[^\"]|\"\")*)\"|([^\\s,\"]+)");
    private static final String EVERYBODY = "*";

    SynchronousStandbys {
        names = List.copyOf(names);
    }

    static SynchronousStandbys parse(String setting) {
        Matcher counted = COUNTED.matcher(setting.strip());
        List<String> names = names(counted.matches() ? counted.group(2) : setting);
        int needed = counted.matches() ? Integer.parseInt(counted.group(1)) : 1;
        return new SynchronousStandbys(names.isEmpty() ? 0 : needed, names);
    }

    private static List<String> names(String list) {
        List<String> names = new ArrayList<>();
        Matcher name = NAME.matcher(list);
        while (name.find()) {
            names.add(name.group(1) == null ? name.group(2) : name.group(1).replace("\"\"", "\""));
        }
        return names;
    }

    /** Whether commits may wait for this standby. */
    boolean has(String standby) {
        return names.stream()
                .anyMatch(name -> name.equalsIgnoreCase(standby) || name.equals(EVERYBODY));
    }

    /** Whether no commit returns without this standby, also while it is away. */
    boolean require(String standby) {
        return has(standby) && !names.contains(EVERYBODY) && needed >= names.size();
    }
}

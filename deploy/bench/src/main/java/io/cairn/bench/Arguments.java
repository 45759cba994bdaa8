package io.cairn.bench;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The words of a command line, one after the other. */
public final class Arguments {

    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)(MB|GB)");

    private final Iterator<String> words;
    private String option = "";

    public Arguments(List<String> words) {
        this.words = words.iterator();
    }

    /** Why the command line cannot be understood. */
    public static final class Misuse extends RuntimeException {
        public Misuse(String message) {
            super(message);
        }
    }

    public boolean hasNext() {
        return words.hasNext();
    }

    /** The next word; what follows may be its value. */
    public String next() {
        option = words.next();
        return option;
    }

    public String value() {
        require(words.hasNext(), option + " needs a value");
        return words.next();
    }

    public int number() {
        String value = value();
        require(value.matches("\\d{1,6}"), option + " needs a number, not '" + value + "'");
        return Integer.parseInt(value);
    }

    /** Bytes: MB are 10⁶, GB 10⁹. */
    public long size() {
        String value = value();
        Matcher matcher = SIZE.matcher(value);
        require(
                matcher.matches(),
                option + " needs a size such as 1.2GB or 200MB, not '" + value + "'");
        return (long)
                (Double.parseDouble(matcher.group(1))
                        * (matcher.group(2).equals("GB") ? 1e9 : 1e6));
    }

    public Path path() {
        return Path.of(value()).toAbsolutePath();
    }

    /** What an option gave that cannot be left out. */
    public static <T> T required(@Nullable T value, String option) {
        if (value == null) {
            throw new Misuse(option + " is missing");
        }
        return value;
    }

    public Misuse unknown() {
        return new Misuse("no option '" + option + "'");
    }

    public static void require(boolean condition, String message) {
        if (!condition) {
            throw new Misuse(message);
        }
    }
}

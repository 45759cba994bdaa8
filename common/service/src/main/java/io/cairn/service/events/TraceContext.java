package io.cairn.service.events;

import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The W3C trace context of an event, {@code 00-<trace id>-<parent id>-<flags>} (Trace Context Level
 * 1, section 3.2): an event continues the trace of its cause under an own span, or begins a trace.
 */
public final class TraceContext {

    private static final Pattern TRACEPARENT =
            Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");
    private static final String SAMPLED = "01";

    private final RandomGenerator random;

    public TraceContext(RandomGenerator random) {
        this.random = random;
    }

    /**
     * A cause's header that is not a trace context is treated as none, as the recommendation asks
     * (section 3.2.4).
     */
    public String next(Optional<String> ofCause) {
        Optional<Matcher> cause = ofCause.map(TRACEPARENT::matcher).filter(Matcher::matches);
        String trace = cause.map(matcher -> matcher.group(1)).orElseGet(() -> id() + id());
        String flags = cause.map(matcher -> matcher.group(3)).orElse(SAMPLED);
        return "00-" + trace + "-" + id() + "-" + flags;
    }

    private String id() {
        // All zeros is the one id that is not allowed.
        long bits = random.nextLong();
        return HexFormat.of().toHexDigits(bits == 0 ? 1 : bits);
    }
}

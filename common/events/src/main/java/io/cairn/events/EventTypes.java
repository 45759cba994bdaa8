package io.cairn.events;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every event there is, found by walking the sealed hierarchy, so that none can be forgotten. */
public final class EventTypes {

    private static final Map<String, Class<? extends CairnEvent>> BY_TYPE =
            all().stream()
                    .collect(Collectors.toUnmodifiableMap(EventTypes::typeOf, Function.identity()));

    private EventTypes() {}

    /** The record class of every event. */
    public static List<Class<? extends CairnEvent>> all() {
        return leaves(CairnEvent.class).toList();
    }

    /** The CloudEvents type of an event, {@code io.cairn.BackupCompleted.v1}. */
    public static String typeOf(Class<? extends CairnEvent> event) {
        return "io.cairn." + event.getSimpleName() + ".v1";
    }

    /** The record class of a CloudEvents type; empty for one that this release does not know. */
    static Optional<Class<? extends CairnEvent>> find(String type) {
        return Optional.ofNullable(BY_TYPE.get(type));
    }

    private static Stream<Class<? extends CairnEvent>> leaves(Class<? extends CairnEvent> type) {
        if (!type.isSealed()) {
            return Stream.of(type);
        }
        return Arrays.stream(type.getPermittedSubclasses())
                .flatMap(permitted -> leaves(permitted.asSubclass(CairnEvent.class)));
    }
}

package io.cairn.events;

import io.cairn.model.AttemptId;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.RunId;
import io.cairn.model.Sha256;
import io.cairn.model.StoreName;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.policy.RunPolicy;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * Events of every type with any content that their constructors allow, made by reflection so that
 * none is forgotten.
 */
final class Events {

    private static final Map<Class<?>, Arbitrary<?>> BY_TYPE =
            Map.ofEntries(
                    Map.entry(ClusterName.class, name().map(ClusterName::new)),
                    Map.entry(StoreName.class, name().map(StoreName::new)),
                    Map.entry(BackupLabel.class, label()),
                    Map.entry(
                            RunId.class,
                            Combinators.combine(name().map(ClusterName::new), label())
                                    .as(RunId::new)),
                    Map.entry(
                            AttemptId.class,
                            Arbitraries.longs()
                                    .map(bits -> new AttemptId(HexFormat.of().toHexDigits(bits)))),
                    Map.entry(Sha256.class, sha256()),
                    Map.entry(Lsn.class, Arbitraries.longs().map(Lsn::new)),
                    Map.entry(
                            SystemIdentifier.class, Arbitraries.longs().map(SystemIdentifier::new)),
                    Map.entry(
                            Timeline.class,
                            Arbitraries.integers().greaterOrEqual(1).map(Timeline::new)),
                    Map.entry(ObjectKey.class, key()),
                    Map.entry(StoredObject.class, storedObject()),
                    Map.entry(RunPolicy.class, policy()),
                    Map.entry(Instant.class, instant()),
                    Map.entry(Duration.class, duration()),
                    Map.entry(String.class, Arbitraries.strings().ofMaxLength(40)),
                    Map.entry(int.class, Arbitraries.integers()),
                    Map.entry(long.class, Arbitraries.longs()),
                    Map.entry(boolean.class, Arbitraries.of(true, false)));

    private Events() {}

    static Arbitrary<CairnEvent> any() {
        List<Arbitrary<CairnEvent>> all = EventTypes.all().stream().map(Events::of).toList();
        return Arbitraries.oneOf(all);
    }

    static Arbitrary<CairnEvent> of(Class<? extends CairnEvent> event) {
        return record(event).map(CairnEvent.class::cast);
    }

    static Arbitrary<EventEnvelope<CairnEvent>> envelopes() {
        Arbitrary<Optional<String>> extension =
                Arbitraries.strings()
                        .withCharRange('!', '~')
                        .ofMinLength(1)
                        .ofMaxLength(30)
                        .optional();
        return Combinators.combine(
                        Arbitraries.strings()
                                .withCharRange('!', '~')
                                .ofMinLength(1)
                                .ofMaxLength(60),
                        Arbitraries.of(
                                "/cairn/executor-service",
                                "/cairn/catalog-service",
                                "https://example.com/hr"),
                        instant(),
                        extension,
                        extension,
                        extension,
                        any())
                .as(EventEnvelope::new);
    }

    private static Arbitrary<?> record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        List<Arbitrary<Object>> parts =
                Arrays.stream(components)
                        .map(component -> of(component.getGenericType()).map(Object.class::cast))
                        .toList();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        return Combinators.combine(parts)
                .as(values -> {
                    try {
                        return type.getDeclaredConstructor(types).newInstance(values.toArray());
                    } catch (InvocationTargetException e) {
                        throw new AssertionError(
                                "the constructor of " + type + " refuses " + values, e.getCause());
                    } catch (ReflectiveOperationException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    private static Arbitrary<?> of(Type type) {
        if (type instanceof ParameterizedType generic) {
            Arbitrary<?> argument = of(generic.getActualTypeArguments()[0]);
            return generic.getRawType() == Optional.class
                    ? argument.optional()
                    : argument.list().ofMaxSize(3);
        }
        Class<?> plain = (Class<?>) type;
        if (BY_TYPE.containsKey(plain)) {
            return BY_TYPE.get(plain);
        }
        return plain.isEnum() ? Arbitraries.of(plain.getEnumConstants()) : record(plain);
    }

    private static Arbitrary<String> name() {
        return Arbitraries.strings()
                .withChars("abcxyz0189-")
                .ofMinLength(1)
                .ofMaxLength(40)
                .map(text -> "a" + text.substring(1, Math.max(1, text.length() - 1)) + "9");
    }

    private static Arbitrary<BackupLabel> label() {
        return Combinators.combine(instant(), Arbitraries.of(BackupKind.class)).as(BackupLabel::of);
    }

    private static Arbitrary<ObjectKey> key() {
        return Arbitraries.strings()
                .withChars("abcXYZ019._~-")
                .ofMinLength(1)
                .ofMaxLength(10)
                .map(part -> "k" + part)
                .list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .map(parts -> new ObjectKey(String.join("/", parts)));
    }

    private static Arbitrary<StoredObject> storedObject() {
        return Combinators.combine(key(), Arbitraries.longs().greaterOrEqual(1), sha256())
                .as(StoredObject::new);
    }

    private static Arbitrary<Sha256> sha256() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(4).map(Sha256::of);
    }

    private static Arbitrary<RunPolicy> policy() {
        return Combinators.combine(
                        duration().filter(Duration::isPositive),
                        duration().filter(Duration::isPositive),
                        duration(),
                        name().map(StoreName::new)
                                .set()
                                .ofMinSize(1)
                                .ofMaxSize(3)
                                .map(List::copyOf),
                        Arbitraries.integers().between(6, 9),
                        Arbitraries.longs()
                                .between(RunPolicy.VOLUME_BYTES_MIN, RunPolicy.VOLUME_BYTES_MAX))
                .as(RunPolicy::new);
    }

    /** Years of four digits, as RFC 3339 has them. */
    private static Arbitrary<Instant> instant() {
        return Combinators.combine(
                        Arbitraries.longs().between(0, 253_402_300_799L),
                        Arbitraries.longs().between(0, 999_999_999))
                .as(Instant::ofEpochSecond);
    }

    private static Arbitrary<Duration> duration() {
        return Arbitraries.longs()
                .between(0, Duration.ofDays(4000).toMillis())
                .map(Duration::ofMillis);
    }
}

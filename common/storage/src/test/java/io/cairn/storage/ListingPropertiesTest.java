package io.cairn.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class ListingPropertiesTest {

    /** Names of one level, so that none is the parent of another. */
    @Provide
    Arbitrary<Set<String>> names() {
        return Arbitraries.strings()
                .withChars("abZ09._~-")
                .ofMinLength(1)
                .ofMaxLength(4)
                .filter(name -> ObjectKey.isValid(name))
                .set()
                .ofMaxSize(40);
    }

    @Property
    void pagesOfAnySizeMakeUpTheSortedWhole(
            @ForAll("names") Set<String> names, @ForAll @IntRange(min = 1, max = 45) int limit) {
        FakeObjectStore store = FakeObjectStore.plain("store");
        names.forEach(name ->
                store.putIfAbsent(new ObjectKey("a/" + name), ObjectBody.of(new byte[1]))
                        .orThrow());
        store.putIfAbsent(new ObjectKey("b/other"), ObjectBody.of(new byte[1])).orThrow();

        List<ObjectKey> listed = new ArrayList<>();
        int pages = 0;
        Optional<ObjectKey> after = Optional.empty();
        do {
            ObjectPage page = store.list("a/", after, limit);
            assertThat(page.objects()).hasSizeLessThanOrEqualTo(limit);
            page.objects().forEach(info -> listed.add(info.key()));
            after = page.next();
            pages++;
        } while (after.isPresent());

        assertThat(listed)
                .containsExactlyElementsOf(
                        names.stream()
                                .sorted(Comparator.naturalOrder())
                                .map(name -> new ObjectKey("a/" + name))
                                .toList());
        assertThat(pages).isEqualTo(Math.max(1, Math.ceilDiv(names.size(), limit)));
    }

    @Property(tries = 50)
    void aStreamFetchesNoPageBeforeItIsNeeded(@ForAll @IntRange(min = 0, max = 2500) int count) {
        List<ObjectKey> asked = new ArrayList<>();
        List<ObjectInfo> objects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            objects.add(info("k%05d".formatted(i)));
        }

        long first =
                ObjectPage.stream(
                                Optional.empty(),
                                after -> {
                                    after.ifPresent(asked::add);
                                    int from =
                                            after.map(key ->
                                                            Integer.parseInt(
                                                                            key.value()
                                                                                    .substring(1))
                                                                    + 1)
                                                    .orElse(0);
                                    int to = Math.min(count, from + ObjectPage.LIMIT);
                                    return new ObjectPage(
                                            objects.subList(from, to),
                                            to == count
                                                    ? Optional.empty()
                                                    : Optional.of(objects.get(to - 1).key()));
                                })
                        .limit(1)
                        .count();

        assertThat(first).isEqualTo(Math.min(1, count));
        assertThat(asked).isEmpty();
    }

    private static ObjectInfo info(String key) {
        return new ObjectInfo(
                new ObjectKey(key),
                1,
                Optional.empty(),
                Instant.EPOCH,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Map.of());
    }
}

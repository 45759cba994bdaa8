package io.cairn.storage;

import io.cairn.model.ObjectKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A part of a listing.
 *
 * @param objects sorted by key; may be empty although there is more
 * @param next what to continue behind; absent on the last page
 */
public record ObjectPage(List<ObjectInfo> objects, Optional<ObjectKey> next) {

    /** The most objects of one page, S3's own limit. */
    public static final int LIMIT = 1000;

    public ObjectPage {
        objects = List.copyOf(objects);
    }

    static Stream<ObjectInfo> stream(
            Optional<ObjectKey> after, Function<Optional<ObjectKey>, ObjectPage> list) {
        return Stream.iterate(
                        Optional.of(list.apply(after)),
                        Optional::isPresent,
                        page ->
                                page.flatMap(ObjectPage::next)
                                        .map(next -> list.apply(Optional.of(next))))
                .flatMap(Optional::stream)
                .flatMap(page -> page.objects().stream());
    }
}

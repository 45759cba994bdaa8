package io.cairn.catalog.hold.rest;

import io.cairn.catalog.hold.HoldStatus;
import io.cairn.model.record.LegalHold;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A legal hold.
 *
 * @param settled whether it is placed, or released, in every store
 */
record HoldView(
        String id,
        String cluster,
        String systemIdentifier,
        String label,
        String reason,
        String by,
        Instant at,
        Optional<ReleaseView> released,
        boolean settled,
        List<StoreView> stores) {

    record ReleaseView(String reason, String by, Instant at) {

        static ReleaseView of(LegalHold.Release release) {
            return new ReleaseView(release.reason(), release.by(), release.at());
        }
    }

    /**
     * @param why what it waits for
     */
    record StoreView(
            String store,
            @Schema(
                            enumeration = {
                                "unreachable",
                                "waiting",
                                "recorded",
                                "placed",
                                "releasing",
                                "released"
                            })
                    String state,
            Optional<String> why) {}

    static HoldView of(HoldStatus status) {
        return new HoldView(
                status.hold().id(),
                status.root().cluster().value(),
                status.root().systemIdentifier().toString(),
                status.hold().label().value(),
                status.hold().reason(),
                status.hold().by(),
                status.hold().at(),
                status.release().map(ReleaseView::of),
                status.settled(),
                status.stores().stream()
                        .map(store ->
                                new StoreView(
                                        store.store().value(),
                                        store.progress().name().toLowerCase(Locale.ROOT),
                                        store.why()))
                        .toList());
    }
}

package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an operator sees of holds, and what is asked of the catalog for it. */
@Timeout(30)
class HoldCommandIT {

    private static final String ID = "0123456789abcdef0123456789abcdef";
    private static final String LABEL = "20261122T020000Z-F";

    private static String hold(String second, String released) {
        return """
        {"id": "%s", "cluster": "shop", "label": "%s", "reason": "case 17", "by": "alice@desk",
         "at": "2026-11-22T09:00:00Z", %s
         "stores": [{"store": "primary", "state": "placed"}, {"store": "secondary", "state": "%s"}]}
        """
                .formatted(ID, LABEL, released, second);
    }

    @Test
    void aHoldIsPlacedAndTheOperatorToldWhereItIsNotYet() throws Exception {
        try (ScriptedCatalog catalog = new ScriptedCatalog(hold("unreachable", ""))) {
            Run run =
                    Run.cairn(
                            "hold",
                            "place",
                            "shop/" + LABEL,
                            "--reason",
                            "case 17",
                            "--catalog",
                            catalog.url());

            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(run.out()).isEqualToIgnoringNewLines(ID);
            assertThat(run.err()).contains("secondary").doesNotContain("primary");
            assertThat(catalog.asked()).containsExactly("POST");
        }
    }

    @Test
    void aHoldIsReleasedWithAReason() throws Exception {
        String released =
                "\"released\": {\"by\": \"bob@desk\", \"reason\": \"closed\", \"at\": \"NOW\"},";
        try (ScriptedCatalog catalog = new ScriptedCatalog(hold("releasing", released))) {
            Run without = Run.cairn("hold", "release", ID, "--catalog", catalog.url());
            Run run =
                    Run.cairn(
                            "hold",
                            "release",
                            ID,
                            "--reason",
                            "case closed & filed",
                            "--catalog",
                            catalog.url());

            assertThat(without.exit()).isEqualTo(2);
            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(run.out()).contains(ID + " released");
            assertThat(catalog.asked()).containsExactly("DELETE");
        }
    }

    @Test
    void theListShowsEachStoreAndWhoReleasedWhat() throws Exception {
        String released = "\"released\": {\"by\": \"bob@desk\", \"reason\": \"closed\"},";
        String holds =
                "{\"holds\": [" + hold("placed", "") + "," + hold("released", released) + "]}";
        try (ScriptedCatalog catalog = new ScriptedCatalog(holds)) {
            Run text = Run.cairn("hold", "list", "shop", "--catalog", catalog.url());
            Run json = Run.cairn("hold", "list", "-o", "json", "--catalog", catalog.url());

            assertThat(text.exit()).as(text.err()).isZero();
            assertThat(text.out())
                    .contains(ID, "shop/" + LABEL, "alice@desk", "primary placed", "case 17")
                    .contains("released by bob@desk: closed");
            assertThat(json.out()).contains("cairn.cli.v1", "\"holds\"", ID);
        }
    }
}

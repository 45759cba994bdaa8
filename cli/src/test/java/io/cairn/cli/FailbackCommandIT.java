package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.record.Caller;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an operator sees who asks for a store that was left, and what is asked of the catalog. */
@Timeout(30)
class FailbackCommandIT {

    private static String answer(String state, String more) {
        return "{\"request\": \"0123456789abcdef\", \"store\": \"primary\", \"state\": \"%s\", %s}"
                .formatted(state, more);
    }

    private static final String COMPARING =
            answer("comparing", "\"objects\": 0, \"differences\": 0, \"examples\": []");

    @Test
    void aStoreThatHoldsTheSameIsBackInService() throws Exception {
        String returned =
                answer("returned", "\"objects\": 4711, \"differences\": 0, \"examples\": []");
        try (ScriptedCatalog catalog = new ScriptedCatalog(COMPARING, returned)) {
            Run run = failback(catalog);

            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(run.out())
                    .contains("'primary' is in service again", "4711 objects are the same");
            assertThat(run.err()).isEmpty();
            assertThat(catalog.asked()).containsExactly("POST", "GET");
            assertThat(catalog.bodies()).singleElement().asString().contains(Caller.current());
        }
    }

    @Test
    void oneThatDiffersStaysOutOfServiceAndItIsSaidInWhatAndWhatToDo() throws Exception {
        String refused =
                answer(
                        "refused",
                        "\"reason\": \"2 object(s) differ\", \"differences\": 2, \"examples\": [\"shop/1/wal/x in store 'primary': missing\"]");
        try (ScriptedCatalog catalog = new ScriptedCatalog(COMPARING, COMPARING, refused)) {
            Run run = failback(catalog);

            assertThat(run.exit()).isEqualTo(ExitCode.REFUSED.code());
            assertThat(run.out())
                    .contains("'primary' stays out of service: 2 object(s) differ")
                    .contains("  shop/1/wal/x in store 'primary': missing");
            assertThat(run.err()).contains("hint: ", "cairn replicate status");
            assertThat(catalog.asked()).containsExactly("POST", "GET", "GET");
        }
    }

    @Test
    void whereNobodyComparesItEndsAndSaysSo() throws Exception {
        try (ScriptedCatalog catalog = new ScriptedCatalog(COMPARING)) {
            Run run = failback(catalog, "--wait", "1s");

            assertThat(run.exit()).isEqualTo(8);
            assertThat(run.err()).contains("0123456789abcdef", "hint: ", "replication service");
        }
    }

    private static Run failback(ScriptedCatalog catalog, String... more) {
        String[] arguments = new String[5 + more.length];
        System.arraycopy(
                new String[] {"replicate", "failback", "primary", "--catalog", catalog.url()},
                0,
                arguments,
                0,
                5);
        System.arraycopy(more, 0, arguments, 5, more.length);
        return Run.cairn(arguments);
    }
}

package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What expires, as the catalog says it. */
class ExpireCommandIT {

    private static final String DIGEST = "9f86d081884c7d65".repeat(4);
    private static final String PLAN =
            """
            {"cluster": "shop", "plan": "%s", "lives": [{"systemIdentifier": "1", "tier": "oltp",
             "backups": [
               {"label": "20260822T020000Z-F", "kind": "full", "completedAt": "2026-08-22T02:10:00Z",
                "copies": ["primary", "secondary"], "bytes": 2000, "decision": "expire", "reasons": []},
               {"label": "20261122T020000Z-F", "kind": "full", "completedAt": "2026-11-22T02:10:00Z",
                "copies": ["primary"], "bytes": 1000, "decision": "keep", "reasons": ["kept until 2027"]}],
             "wal": [{"timeline": 1, "from": "0/5000000"}],
             "removed": {"backups": 1, "walObjects": 7, "walBytes": 100, "bytes": 2100, "orphans": 0},
             "totalBytes": 4000}]}\
            """
                    .formatted(DIGEST);
    private static final String DONE =
            """
            {"cluster": "shop", "lives": [{"systemIdentifier": "1", "outcome": "applied",
             "expired": ["20260822T020000Z-F"], "objects": 18, "bytes": 2100, "retained": [
              {"store": "secondary", "key": "shop/1/x", "until": "2027-01-01T00:00:00Z"}]}]}\
            """;

    private static final String AWAY =
            ScriptedCatalog.PROBLEM
                    + """
                    {"code": "STORE_UNAVAILABLE", "detail": "store 'secondary' answers 503",
                     "hint": "see the store's health"}\
                    """;

    @Test
    void thePlanIsShownAndNothingIsAskedForWithoutConfirmation() throws Exception {
        try (ScriptedCatalog catalog = new ScriptedCatalog(PLAN)) {
            Run run = Run.cairn("expire", "shop", "--catalog", catalog.url());

            assertThat(run.exit()).isZero();
            assertThat(run.out())
                    .contains(
                            "EXPIRES",
                            "kept until 2027",
                            "WAL of timeline 1 is kept from 0/5000000",
                            "Expires: 1 of 2 backups, 7 objects of WAL",
                            "cairn expire shop --confirm --plan 9f86d081884c");
            assertThat(catalog.asked()).containsExactly("GET");
        }
    }

    @Test
    void whatWasShownIsCarriedOutAndWhatIsLockedIsSaid() throws Exception {
        try (ScriptedCatalog catalog = new ScriptedCatalog(PLAN, DONE)) {
            Run run =
                    Run.cairn(
                            "expire",
                            "shop",
                            "--confirm",
                            "--plan",
                            "9f86d081884c",
                            "--catalog",
                            catalog.url());

            assertThat(run.exit()).isZero();
            assertThat(run.out()).contains("1 backups expired; 18 objects");
            assertThat(run.err()).contains("shop/1/x in store 'secondary' is locked until 2027");
            assertThat(catalog.asked()).containsExactly("GET", "POST");
        }
    }

    @Test
    void anotherPlanThanWasShownIsRefused() throws Exception {
        try (ScriptedCatalog catalog = new ScriptedCatalog(PLAN, DONE)) {
            Run run =
                    Run.cairn(
                            "expire",
                            "shop",
                            "--confirm",
                            "--plan",
                            "000000000000",
                            "--catalog",
                            catalog.url());

            assertThat(run.exit()).isEqualTo(4);
            assertThat(run.err()).contains("hint: look at it again with: cairn expire shop");
            assertThat(catalog.asked()).containsExactly("GET");
        }
    }

    @Test
    void withoutANameAllAreShownAndNothingIsAskedFor() throws Exception {
        try (ScriptedCatalog catalog =
                new ScriptedCatalog(
                        "{\"clusters\": [\"mail\", \"shop\"]}",
                        PLAN.replace("\"shop\"", "\"mail\""),
                        PLAN)) {
            Run run = Run.cairn("expire", "--catalog", catalog.url());

            assertThat(run.exit()).isZero();
            assertThat(run.out())
                    .contains(
                            "mail:",
                            "cairn expire mail --confirm --plan 9f86d081884c",
                            "shop:",
                            "cairn expire shop --confirm --plan 9f86d081884c");
            assertThat(catalog.asked()).containsExactly("GET", "GET", "GET");
        }
    }

    @Test
    void ofAllClustersEachIsConfirmedForItselfAndARefusalIsTheExitCode() throws Exception {
        String held =
                """
                {"cluster": "mail", "lives": [{"systemIdentifier": "1", "outcome": "held",
                 "expired": [], "objects": 0, "bytes": 0, "retained": [],
                 "message": "9 of 10 backups of mail would be removed at once",
                 "hint": "carry it out with: cairn expire mail --confirm"}]}\
                """;
        try (ScriptedCatalog catalog =
                new ScriptedCatalog(
                        "{\"clusters\": [\"jobs\", \"mail\", \"shop\"]}",
                        AWAY,
                        PLAN,
                        held,
                        PLAN,
                        DONE)) {
            Run run = Run.cairn("expire", "--confirm", "--catalog", catalog.url());

            assertThat(run.exit()).isEqualTo(4);
            assertThat(run.out()).contains("1 backups expired; 18 objects");
            assertThat(run.err())
                    .contains("nothing more of jobs expires", "cairn expire mail --confirm");
            assertThat(catalog.asked()).containsExactly("GET", "GET", "GET", "POST", "GET", "POST");
            assertThat(catalog.bodies())
                    .allMatch(body -> body.contains("\"guarded\":true"))
                    .hasSize(2);
        }
    }

    @Test
    void whereNothingIsHeldTheFirstFailureIsTheExitCode() throws Exception {
        try (ScriptedCatalog catalog =
                new ScriptedCatalog("{\"clusters\": [\"jobs\", \"shop\"]}", AWAY, PLAN, DONE)) {
            Run run = Run.cairn("expire", "--confirm", "-o", "json", "--catalog", catalog.url());

            assertThat(run.exit()).isEqualTo(8);
            assertThat(run.out())
                    .contains("STORE_UNAVAILABLE", "\"cluster\" : \"jobs\"", "\"expiration\"");
        }
    }

    @Test
    void aPlanIsThatOfOneCluster() throws Exception {
        try (ScriptedCatalog catalog = new ScriptedCatalog(PLAN)) {
            Run run =
                    Run.cairn(
                            "expire",
                            "--confirm",
                            "--plan",
                            "9f86d081884c",
                            "--catalog",
                            catalog.url());

            assertThat(run.exit()).isEqualTo(2);
            assertThat(run.err()).contains("hint:");
            assertThat(catalog.asked()).isEmpty();
        }
    }

    @Test
    void aChangedPolicyIsComparedWithWhatIsLocked(@TempDir Path directory) throws Exception {
        String compared =
                """
                {"clusters": [{"cluster": "shop", "tier": "oltp",
                 "now": {"lives": [{"systemIdentifier": "1", "backups": [
                   {"label": "20260822T020000Z-F", "decision": "expire"},
                   {"label": "20261001T020000Z-F", "decision": "keep"},
                   {"label": "20261120T020000Z-F", "decision": "keep"},
                   {"label": "20261122T020000Z-F", "decision": "keep"}],
                   "wal": [], "removed": {"backups": 1, "walObjects": 7, "bytes": 2100}}]},
                 "then": {"lives": [{"systemIdentifier": "1", "backups": [
                   {"label": "20260822T020000Z-F", "decision": "keep",
                    "lockedUntil": "2026-11-25T02:00:00Z"},
                   {"label": "20261001T020000Z-F", "decision": "expire"},
                   {"label": "20261120T020000Z-F", "decision": "expire"},
                   {"label": "20261122T020000Z-F", "decision": "keep"}],
                   "wal": [], "removed": {"backups": 2, "walObjects": 9, "bytes": 4200}}]},
                 "locks": [
                   {"systemIdentifier": "1", "label": "20261120T020000Z-F", "store": "primary",
                    "then": {"mode": "governance", "until": "2026-11-24T02:00:00Z"}},
                   {"systemIdentifier": "1", "label": "20261122T020000Z-F", "store": "primary",
                    "now": {"mode": "governance", "until": "2026-11-23T02:00:00Z"},
                    "then": {"mode": "compliance", "until": "2026-11-26T02:00:00Z"}},
                   {"systemIdentifier": "1", "label": "20261122T020000Z-F", "store": "secondary",
                    "now": {"mode": "compliance", "until": "2026-12-24T02:00:00Z"},
                    "then": {"mode": "compliance", "until": "2026-12-24T02:00:00Z"}}]}]}\
                """;
        Path file =
                Files.writeString(
                        directory.resolve("cairn.yaml"),
                        """
                        clusters:
                          shop: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
                        stores:
                          primary: {bucket: one}
                          secondary: {bucket: two}
                        tiers:
                          oltp: {retention: 2d, pointInTimeWindow: 1d, lock: compliance, copies: [primary, secondary]}
                        """);
        try (ScriptedCatalog catalog = new ScriptedCatalog(compared)) {
            Run run = Run.cairn("policy", "simulate", file.toString(), "--catalog", catalog.url());

            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(catalog.bodies())
                    .singleElement()
                    .asString()
                    .contains(
                            "\"retention\":\"PT48H\"",
                            "\"lock\":\"compliance\"",
                            "\"lock\":\"none\"");
            assertThat(run.out().lines())
                    .anyMatch(line -> line.matches("shop +oltp +now .* 2 +2026-12-24T02:00:00Z *"))
                    .anyMatch(line -> line.matches("shop +oltp +then .* 3 +2026-12-24T02:00:00Z *"))
                    .contains(
                            "shop 20261001T020000Z-F would expire as well",
                            "shop 20261120T020000Z-F would expire as well, once its lock has ended at 2026-11-24T02:00:00Z",
                            "shop 20260822T020000Z-F would be kept",
                            "shop 20261120T020000Z-F would be locked in store 'primary' until 2026-11-24T02:00:00Z"
                                    + " (governance); it is not locked",
                            "shop 20261122T020000Z-F would be locked in store 'primary' until 2026-11-26T02:00:00Z"
                                    + " (compliance) instead of until 2026-11-23T02:00:00Z (governance)")
                    .noneMatch(line -> line.contains("store 'secondary'"));
        }
    }

    @Test
    void aTypoInATiersNameIsRefusedBeforeTheCatalogIsAsked(@TempDir Path directory)
            throws Exception {
        Path file = Files.writeString(directory.resolve("cairn.yaml"), "tiers: {oltq: {}}\n");
        try (ScriptedCatalog catalog = new ScriptedCatalog(PLAN)) {
            Run run = Run.cairn("policy", "simulate", file.toString(), "--catalog", catalog.url());

            assertThat(run.exit()).isEqualTo(4);
            assertThat(run.err()).contains("oltq", "hint:");
            assertThat(catalog.asked()).isEmpty();
        }
    }
}

package io.cairn.storage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.model.Json;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoragePolicyTest {

    private static final String ROOT = "shop/7412345678901234567/";
    private static final String VOLUME =
            ROOT + "backups/20261122T020000Z-F/0123456789abcdef/base.tar/000000.gz.cms";
    private static final String COMMIT = ROOT + "backups/20261122T020000Z-F/backup.json";
    private static final String SIGNATURE =
            ROOT + "backups/20261122T020000Z-F/backup.0123456789abcdef.sig";
    private static final String MANIFEST =
            ROOT + "backups/20261122T020000Z-F/0123456789abcdef/backup_manifest.gz.cms";
    private static final String INDEX =
            ROOT + "backups/20261122T020000Z-F/0123456789abcdef/index.json.gz.cms";
    private static final String SEGMENT = ROOT + "wal/00000001/000000010000000000000003.gz.cms";
    private static final String KEY = ROOT + "keys/backups/20261122T020000Z-F/0123456789abcdef.cms";
    private static final String SESSION_KEY =
            ROOT + "keys/wal/00000001/0000000003000000-00112233445566778899aabbccddeeff.cms";
    private static final String RECORD = ROOT + "records/holds/20261122T020000Z-F/1.json";
    private static final String VERIFICATION =
            ROOT + "records/verifications/20261122T020000Z-F/1.json";
    private static final String LEASE =
            ROOT + "records/leases/20261122T020000Z-0123456789abcdef.json";
    private static final List<String> EVERYTHING =
            List.of(
                    VOLUME,
                    COMMIT,
                    SIGNATURE,
                    MANIFEST,
                    INDEX,
                    SEGMENT,
                    KEY,
                    SESSION_KEY,
                    RECORD,
                    VERIFICATION);

    @Test
    void theExecutorCreatesButReadsOnlyWhatItMust() {
        StoragePolicy executor = StoragePolicy.of(Principal.EXECUTOR);

        assertThat(allowed(executor, Action.CREATE))
                .containsExactlyInAnyOrder(
                        VOLUME, COMMIT, SIGNATURE, MANIFEST, INDEX, SEGMENT, KEY, SESSION_KEY);
        assertThat(allowed(executor, Action.READ))
                .containsExactlyInAnyOrder(COMMIT, SIGNATURE, MANIFEST, VERIFICATION);
        assertThat(allowed(executor, Action.DELETE)).isEmpty();
        assertThat(allowed(executor, Action.REPLACE)).isEmpty();
        assertThat(allowed(executor, Action.RETAIN)).isEmpty();
        assertThat(allowed(executor, Action.HOLD)).isEmpty();
    }

    @Test
    void theCatalogDeletesWhatExpiresAndNeverARecord() {
        StoragePolicy catalog = StoragePolicy.of(Principal.CATALOG);

        assertThat(allowed(catalog, Action.READ))
                .containsExactlyInAnyOrder(COMMIT, SIGNATURE, RECORD, VERIFICATION);
        assertThat(allowed(catalog, Action.TAG)).containsExactly(VOLUME);
        assertThat(allowed(catalog, Action.READ_METADATA))
                .containsExactlyInAnyOrder(COMMIT, SIGNATURE, SEGMENT, RECORD, VERIFICATION);
        assertThat(allowed(catalog, Action.CREATE)).containsExactly(RECORD, VERIFICATION);
        assertThat(catalog.allows(Action.CREATE, ".cairn-probe/1/locked")).isTrue();
        assertThat(catalog.allows(Action.DELETE, ".cairn-probe/1/locked")).isTrue();
        for (Action action : Set.of(Action.DELETE, Action.RETAIN, Action.HOLD)) {
            assertThat(allowed(catalog, action))
                    .containsExactlyInAnyOrder(
                            VOLUME, COMMIT, SIGNATURE, MANIFEST, INDEX, SEGMENT, KEY, SESSION_KEY);
        }
    }

    @Test
    void theValidatorReadsEverythingAndLeavesNothingButItsLeases() {
        StoragePolicy validator = StoragePolicy.of(Principal.VALIDATOR);

        assertThat(validator.allows(Action.CREATE, LEASE)).isTrue();
        assertThat(validator.allows(Action.DELETE, LEASE)).isFalse();
        assertThat(allowed(validator, Action.READ)).containsExactlyElementsOf(EVERYTHING);
        for (Action action :
                EnumSet.complementOf(EnumSet.of(Action.LIST, Action.READ, Action.READ_METADATA))) {
            assertThat(allowed(validator, action)).as(action.name()).isEmpty();
        }
    }

    @Test
    void replicationCreatesAndRepairsOnBothSidesAndDeletesNowhere() {
        StoragePolicy source = StoragePolicy.of(Principal.REPLICATION_SOURCE);
        StoragePolicy target = StoragePolicy.of(Principal.REPLICATION_TARGET);

        assertThat(source.rules()).isEqualTo(target.rules());
        for (Action action : Set.of(Action.READ, Action.CREATE, Action.REPLACE)) {
            assertThat(allowed(target, action)).containsExactlyElementsOf(EVERYTHING);
        }
        for (Action action : Set.of(Action.DELETE, Action.RETAIN, Action.HOLD)) {
            assertThat(allowed(target, action)).isEmpty();
        }
    }

    @Test
    void theOperatorCreatesKeysLeasesAndProbesOnly() {
        StoragePolicy operator = StoragePolicy.of(Principal.OPERATOR);

        assertThat(allowed(operator, Action.READ)).containsExactlyElementsOf(EVERYTHING);
        assertThat(allowed(operator, Action.CREATE)).containsExactly(KEY, SESSION_KEY);
        assertThat(allowed(operator, Action.DELETE)).isEmpty();
        assertThat(allowed(operator, Action.THAW)).contains(VOLUME, SEGMENT).doesNotContain(RECORD);
        assertThat(allowed(operator, Action.TAG)).isEmpty();
        assertThat(operator.allows(Action.CREATE, LEASE)).isTrue();
        assertThat(operator.allows(Action.CREATE, ".cairn-probe/1/first")).isTrue();
        assertThat(operator.allows(Action.DELETE, ".cairn-probe/1/first")).isTrue();
    }

    @Test
    void onlyTheCustodianRemovesKeysAndItReadsNoVolume() {
        StoragePolicy custodian = StoragePolicy.of(Principal.CUSTODIAN);
        String executorsKey =
                ROOT
                        + "backups/20261122T020000Z-F/0123456789abcdef/backup_manifest.executors.key.cms";

        assertThat(allowed(custodian, Action.CREATE)).containsExactly(KEY, SESSION_KEY);
        assertThat(allowed(custodian, Action.DELETE)).containsExactly(KEY, SESSION_KEY);
        assertThat(allowed(custodian, Action.READ))
                .containsExactlyInAnyOrder(
                        COMMIT, SIGNATURE, KEY, SESSION_KEY, RECORD, VERIFICATION);
        assertThat(custodian.allows(Action.DELETE, executorsKey)).isTrue();
        assertThat(custodian.allows(Action.CREATE, ROOT + "records/shredded.json")).isTrue();
        for (Action action : Set.of(Action.REPLACE, Action.RETAIN, Action.HOLD)) {
            assertThat(allowed(custodian, action)).as(action.name()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everybodyMayListAnyPrefix(Principal principal) {
        assertThat(StoragePolicy.of(principal).allows(Action.LIST, "")).isTrue();
        assertThat(StoragePolicy.of(principal).allows(Action.LIST, ROOT + "wal/")).isTrue();
    }

    @Test
    void aDenialWinsOverAnAllowance() {
        StoragePolicy policy =
                new StoragePolicy(
                        Principal.VALIDATOR,
                        List.of(
                                Rule.allow(Set.of(Action.READ), "*"),
                                new Rule(
                                        Rule.Effect.DENY,
                                        Set.of(Action.READ),
                                        List.of("secret/?"))));

        assertThat(policy.allows(Action.READ, "secret/10")).isTrue();
        assertThat(policy.allows(Action.READ, "secret/1")).isFalse();
    }

    @Test
    void aPatternIsNoRegularExpression() {
        Rule rule = Rule.allow(Set.of(Action.READ), "a.c/*");

        assertThat(rule.matches(Action.READ, "a.c/x/y")).isTrue();
        assertThat(rule.matches(Action.READ, "abc/x")).isFalse();
        assertThat(rule.matches(Action.READ, "a.c")).isFalse();
    }

    @Test
    void aRuleWithoutActionsOrKeysIsRefused() {
        assertThatThrownBy(() -> new Rule(Rule.Effect.ALLOW, Set.of(), List.of("*")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Rule(Rule.Effect.ALLOW, Set.of(Action.READ), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource
    void iamLetsNobodyPutWithoutACondition(Principal principal) throws Exception {
        for (JsonNode statement : statements(principal)) {
            List<String> actions = texts(statement.get("Action"));
            assertThat(statement.get("Effect").asText()).isEqualTo("Allow");
            assertThat(texts(statement.get("Resource")))
                    .allMatch(resource -> resource.startsWith("arn:aws:s3:::bucket"));
            assertThat(actions).doesNotContain("s3:BypassGovernanceRetention", "s3:*");
            if (actions.contains("s3:PutObject")) {
                assertThat(statement.at("/Condition/Null").size()).isEqualTo(1);
            }
        }
    }

    @Test
    void iamSaysOfTheCatalogWhatThePolicySays() throws Exception {
        List<JsonNode> statements = statements(Principal.CATALOG);

        assertThat(statements).hasSize(5 + 1 + 1 + 1 + 3 + 1);
        assertThat(texts(statements.get(0).get("Action")))
                .containsExactly("s3:ListBucket", "s3:ListBucketVersions");
        assertThat(texts(statements.get(0).get("Resource"))).containsExactly("arn:aws:s3:::bucket");
        assertThat(texts(statements.get(1).get("Action")))
                .containsExactly(
                        "s3:GetObject",
                        "s3:GetObjectLegalHold",
                        "s3:GetObjectRetention",
                        "s3:GetObjectVersion");
        assertThat(texts(statements.get(1).get("Resource")))
                .containsExactly(
                        "arn:aws:s3:::bucket/*/*/backups/*/backup.*",
                        "arn:aws:s3:::bucket/*/*/records/*");
        // S3 has no right of its own for metadata; what the catalog could read there is encrypted.
        assertThat(texts(statements.get(2).get("Action")))
                .containsExactly("s3:GetObject", "s3:GetObjectLegalHold", "s3:GetObjectRetention");
        assertThat(texts(statements.get(2).get("Resource")))
                .containsExactly(
                        "arn:aws:s3:::bucket/*/*/wal/*.gz.cms",
                        "arn:aws:s3:::bucket/*/*/pieces/*.gz.cms");
        assertThat(statements.get(4).at("/Condition/Null/s3:if-none-match").asText())
                .isEqualTo("false");
        assertThat(texts(statements.get(6).get("Action")))
                .containsExactly(
                        "s3:DeleteObject",
                        "s3:DeleteObjectVersion",
                        "s3:GetObjectLegalHold",
                        "s3:GetObjectRetention",
                        "s3:PutObjectLegalHold",
                        "s3:PutObjectRetention");
    }

    @Test
    void iamLetsReplicationPlaceAHoldAgainAndNeverReleaseOne() throws Exception {
        List<JsonNode> holding =
                statements(Principal.REPLICATION_TARGET).stream()
                        .filter(statement ->
                                texts(statement.get("Action")).contains("s3:PutObjectLegalHold"))
                        .toList();

        assertThat(holding)
                .isNotEmpty()
                .allSatisfy(statement ->
                        assertThat(
                                        statement
                                                .at(
                                                        "/Condition/StringEquals/s3:object-lock-legal-hold")
                                                .asText())
                                .isEqualTo("ON"));
        assertThat(StoragePolicy.of(Principal.REPLICATION_TARGET).allows(Action.HOLD, VOLUME))
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"EXECUTOR", "OPERATOR"})
    void iamLetsWhoeverOnlyStoresLockForDaysAndNotForYears(Principal principal) throws Exception {
        List<JsonNode> locking =
                statements(principal).stream()
                        .filter(statement ->
                                texts(statement.get("Action")).contains("s3:PutObjectRetention"))
                        .filter(statement -> !isAboutNothing(statement))
                        .toList();

        assertThat(locking)
                .isNotEmpty()
                .allSatisfy(statement -> {
                    assertThat(texts(statement.get("Action")))
                            .containsExactly("s3:PutObjectRetention");
                    assertThat(
                                    statement
                                            .at("/Condition/NumericLessThanEquals")
                                            .get("s3:object-lock-remaining-retention-days")
                                            .asInt())
                            .isEqualTo(4);
                });
    }

    /** Of the one key where nobody may store anything. */
    private static boolean isAboutNothing(JsonNode statement) {
        String nowhere = ".cairn-lock-probe/never-stored";
        for (Principal anybody : Principal.values()) {
            assertThat(StoragePolicy.of(anybody).allows(Action.CREATE, nowhere)).isFalse();
            assertThat(StoragePolicy.of(anybody).allows(Action.REPLACE, nowhere)).isFalse();
        }
        return texts(statement.get("Resource")).equals(List.of("arn:aws:s3:::bucket/" + nowhere));
    }

    private static List<String> allowed(StoragePolicy policy, Action action) {
        return EVERYTHING.stream().filter(key -> policy.allows(action, key)).toList();
    }

    private static List<JsonNode> statements(Principal principal) throws Exception {
        JsonNode document =
                Json.mapper().readTree(IamPolicy.render(StoragePolicy.of(principal), "bucket"));
        assertThat(document.get("Version").asText()).isEqualTo("2012-10-17");
        List<JsonNode> statements = new ArrayList<>();
        document.get("Statement").forEach(statements::add);
        return statements;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(node -> texts.add(node.asText()));
        return texts;
    }
}

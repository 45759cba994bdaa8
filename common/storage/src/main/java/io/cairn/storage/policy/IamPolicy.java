package io.cairn.storage.policy;

import io.cairn.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Renders a {@link StoragePolicy} as an AWS IAM policy document (IAM JSON policy grammar, version
 * 2012-10-17), which MinIO-compatible servers and Ceph read too.
 *
 * <p>A CREATE is a {@code PutObject} that carries {@code If-None-Match}, a REPLACE one that carries
 * {@code If-Match}: the condition keys {@code s3:if-none-match} and {@code s3:if-match}. Actions
 * that S3 cannot tell apart become one. A CREATE may lock for days; the condition key {@code
 * s3:object-lock-remaining-retention-days} keeps it to that. A REPLACE may place a legal hold and
 * not release one: {@code s3:object-lock-legal-hold} is {@code ON}.
 */
public final class IamPolicy {

    private static final String PUT = "s3:PutObject";
    private static final String RETENTION = "s3:PutObjectRetention";
    private static final String LEGAL_HOLD = "s3:PutObjectLegalHold";

    /**
     * The longest lock that comes with a PUT, {@code LockingStore.FIRST}, and a day for clocks that
     * differ and for what the last hours of it are rounded to.
     */
    private static final String FIRST_LOCK_DAYS = "4";

    private IamPolicy() {}

    /**
     * @param bucket the bucket the rules are about
     */
    public static String render(StoragePolicy policy, String bucket) {
        List<Map<String, Object>> statements = new ArrayList<>();
        for (Rule rule : policy.rules()) {
            addBucket(statements, rule, bucket);
            addObjects(statements, rule, bucket);
            addPut(statements, rule, bucket, Action.CREATE, "s3:if-none-match");
            addFirstLock(statements, rule, bucket);
            addPut(statements, rule, bucket, Action.REPLACE, "s3:if-match");
            addHoldAgain(statements, rule, bucket);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("Version", "2012-10-17");
        document.put("Statement", statements);
        return new String(Json.writeIndented(document), StandardCharsets.UTF_8);
    }

    private static void addBucket(List<Map<String, Object>> statements, Rule rule, String bucket) {
        if (rule.actions().contains(Action.LIST)) {
            statements.add(
                    statement(rule, Action.LIST.iamActions(), List.of(arn(bucket)), Map.of()));
        }
    }

    private static void addObjects(List<Map<String, Object>> statements, Rule rule, String bucket) {
        Set<String> actions = new TreeSet<>();
        rule.actions().stream()
                .filter(action -> action != Action.LIST)
                .flatMap(action -> action.iamActions().stream())
                .filter(action -> !action.equals(PUT))
                .filter(action -> !action.equals(RETENTION) || locksForLong(rule))
                .filter(action -> !action.equals(LEGAL_HOLD) || releasesHolds(rule))
                .forEach(actions::add);
        if (!actions.isEmpty()) {
            statements.add(
                    statement(rule, List.copyOf(actions), resources(rule, bucket), Map.of()));
        }
    }

    private static void addPut(
            List<Map<String, Object>> statements,
            Rule rule,
            String bucket,
            Action action,
            String conditionKey) {
        if (rule.actions().contains(action)) {
            Map<String, Object> present = Map.of("Null", Map.of(conditionKey, "false"));
            statements.add(statement(rule, List.of(PUT), resources(rule, bucket), present));
        }
    }

    private static boolean locksForLong(Rule rule) {
        return rule.actions().contains(Action.RETAIN) || rule.actions().contains(Action.REPLACE);
    }

    /**
     * S3 asks for the same right for a lock that comes with a PUT and for one that is extended: so
     * whoever only stores may lock for days, and nobody who steals that credential can make a
     * bucket grow for a hundred years.
     */
    private static void addFirstLock(
            List<Map<String, Object>> statements, Rule rule, String bucket) {
        if (rule.actions().contains(Action.CREATE) && !locksForLong(rule)) {
            Map<String, Object> days =
                    Map.of(
                            "NumericLessThanEquals",
                            Map.of("s3:object-lock-remaining-retention-days", FIRST_LOCK_DAYS));
            statements.add(statement(rule, List.of(RETENTION), resources(rule, bucket), days));
        }
    }

    private static boolean releasesHolds(Rule rule) {
        return rule.actions().contains(Action.HOLD);
    }

    /**
     * What is repaired, and a key that is wrapped anew, is held like before; S3 asks for the same
     * right to release it.
     */
    private static void addHoldAgain(
            List<Map<String, Object>> statements, Rule rule, String bucket) {
        boolean holds =
                rule.actions().stream().anyMatch(it -> it.iamActions().contains(LEGAL_HOLD));
        if (holds && !releasesHolds(rule)) {
            Map<String, Object> placed =
                    Map.of("StringEquals", Map.of("s3:object-lock-legal-hold", "ON"));
            statements.add(statement(rule, List.of(LEGAL_HOLD), resources(rule, bucket), placed));
        }
    }

    private static Map<String, Object> statement(
            Rule rule,
            List<String> actions,
            List<String> resources,
            Map<String, Object> condition) {
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("Effect", rule.effect() == Rule.Effect.ALLOW ? "Allow" : "Deny");
        statement.put("Action", actions);
        statement.put("Resource", resources);
        if (!condition.isEmpty()) {
            statement.put("Condition", condition);
        }
        return statement;
    }

    private static List<String> resources(Rule rule, String bucket) {
        return rule.keys().stream().map(key -> arn(bucket) + "/" + key).toList();
    }

    private static String arn(String bucket) {
        return "arn:aws:s3:::" + bucket;
    }
}

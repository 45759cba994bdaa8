package io.cairn.storage.s3;

import io.cairn.config.StoreConfig;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.lifecycle.BucketLifecycle;
import io.cairn.storage.lifecycle.LifecycleRule;
import io.cairn.storage.lifecycle.LifecycleRule.Removal;
import io.cairn.storage.lifecycle.LifecycleRule.Transition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleExpiration;
import software.amazon.awssdk.services.s3.model.LifecycleRuleFilter;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.Tag;

/**
 * A bucket's lifecycle configuration behind the S3 protocol (Amazon S3 API reference,
 * PutBucketLifecycleConfiguration).
 */
public final class S3BucketLifecycle implements BucketLifecycle {

    private static final String NONE = "NoSuchLifecycleConfiguration";
    private static final int NOT_FOUND = 404;

    private final StoreConfig config;
    private final S3Client client;
    private final S3Errors errors;

    private S3BucketLifecycle(StoreConfig config, S3Client client) {
        this.config = config;
        this.client = client;
        this.errors = new S3Errors(config);
    }

    /**
     * Opens no connection yet.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}, {@link
     *     ErrorCode#SECRET_UNAVAILABLE}, {@link ErrorCode#CERTIFICATE_INVALID}
     */
    public static S3BucketLifecycle open(StoreConfig config) {
        return new S3BucketLifecycle(config, S3Clients.create(config, S3Settings.DEFAULT));
    }

    @Override
    public StoreName store() {
        return config.name();
    }

    @Override
    public List<LifecycleRule> rules() {
        String what = "reading the lifecycle rules";
        try {
            return client
                    .getBucketLifecycleConfiguration(request -> request.bucket(config.bucket()))
                    .rules()
                    .stream()
                    .map(S3BucketLifecycle::rule)
                    .toList();
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND && S3Errors.code(e).equals(NONE)) {
                return List.of();
            }
            throw errors.translate(e, what);
        } catch (SdkException e) {
            throw errors.translate(e, what);
        }
    }

    @Override
    public void write(List<LifecycleRule> rules) {
        if (rules.isEmpty()) {
            changing(
                    () -> client.deleteBucketLifecycle(request -> request.bucket(config.bucket())));
            return;
        }
        List<software.amazon.awssdk.services.s3.model.LifecycleRule> all =
                rules.stream().map(S3BucketLifecycle::rule).toList();
        changing(() ->
                client.putBucketLifecycleConfiguration(request ->
                        request.bucket(config.bucket())
                                .lifecycleConfiguration(
                                        configuration -> configuration.rules(all))));
    }

    private void changing(Runnable request) {
        try {
            request.run();
        } catch (SdkException e) {
            CairnException error = errors.translate(e, "changing the lifecycle rules");
            if (error.code() != ErrorCode.STORE_ACCESS_DENIED) {
                throw error;
            }
            throw new CairnException(
                    error.code(),
                    error.getMessage(),
                    "none of Cairn's credentials may: run it once with the credential of the bucket's"
                            + " owner (s3:PutLifecycleConfiguration)",
                    e);
        }
    }

    @Override
    public void close() {
        client.close();
    }

    // From S3
    // ------------------------------------------------------------------------------------------

    private static LifecycleRule rule(software.amazon.awssdk.services.s3.model.LifecycleRule rule) {
        return new LifecycleRule(
                rule.id() == null ? "" : rule.id(),
                rule.status() == ExpirationStatus.ENABLED,
                prefix(rule),
                tags(rule.filter()),
                transitions(rule),
                removals(rule),
                Optional.of(rule));
    }

    /** In the old form of a rule the prefix stands beside the filter's place. */
    @SuppressWarnings("deprecation")
    private static String prefix(software.amazon.awssdk.services.s3.model.LifecycleRule rule) {
        LifecycleRuleFilter filter = rule.filter();
        if (filter == null) {
            return orEmpty(rule.prefix());
        }
        return filter.and() == null ? orEmpty(filter.prefix()) : orEmpty(filter.and().prefix());
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static Map<String, String> tags(@Nullable LifecycleRuleFilter filter) {
        Map<String, String> tags = new LinkedHashMap<>();
        if (filter != null && filter.tag() != null) {
            tags.put(filter.tag().key(), filter.tag().value());
        }
        if (filter != null && filter.and() != null) {
            filter.and().tags().forEach(tag -> tags.put(tag.key(), tag.value()));
        }
        return tags;
    }

    private static List<Transition> transitions(
            software.amazon.awssdk.services.s3.model.LifecycleRule rule) {
        List<Transition> transitions = new ArrayList<>();
        rule.transitions()
                .forEach(each ->
                        transitions.add(
                                each.date() == null
                                        ? Transition.after(
                                                days(each.days()), each.storageClassAsString())
                                        : new Transition(
                                                Optional.empty(),
                                                "on " + each.date(),
                                                each.storageClassAsString())));
        rule.noncurrentVersionTransitions()
                .forEach(each ->
                        transitions.add(
                                new Transition(
                                        Optional.empty(),
                                        "as old versions after "
                                                + days(each.noncurrentDays())
                                                + "d",
                                        each.storageClassAsString())));
        return transitions;
    }

    private static int days(@Nullable Integer days) {
        return days == null ? 0 : days;
    }

    /** A delete marker without versions under it, and the parts of an upload, are no objects. */
    private static List<Removal> removals(
            software.amazon.awssdk.services.s3.model.LifecycleRule rule) {
        List<Removal> removals = new ArrayList<>();
        LifecycleExpiration expiration = rule.expiration();
        if (expiration != null && expiration.days() != null) {
            removals.add(
                    new Removal(
                            Optional.of(expiration.days()),
                            "expires objects after " + expiration.days() + "d"));
        }
        if (expiration != null && expiration.date() != null) {
            removals.add(new Removal(Optional.empty(), "expires objects on " + expiration.date()));
        }
        if (rule.noncurrentVersionExpiration() != null) {
            int days = days(rule.noncurrentVersionExpiration().noncurrentDays());
            removals.add(
                    new Removal(Optional.of(days), "deletes old versions after " + days + "d"));
        }
        return removals;
    }

    // To S3
    // --------------------------------------------------------------------------------------------

    private static software.amazon.awssdk.services.s3.model.LifecycleRule rule(LifecycleRule rule) {
        if (rule.stored().orElse(null)
                instanceof software.amazon.awssdk.services.s3.model.LifecycleRule stored) {
            return stored;
        }
        if (!rule.prefix().isEmpty() || !rule.removals().isEmpty()) {
            throw CairnException.bug("Cairn's own rules go by tags and remove nothing: " + rule);
        }
        List<Tag> tags =
                rule.tags().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                        .toList();
        return software.amazon.awssdk.services.s3.model.LifecycleRule.builder()
                .id(rule.id())
                .status(rule.enabled() ? ExpirationStatus.ENABLED : ExpirationStatus.DISABLED)
                .filter(filter -> filter.and(and -> and.tags(tags)))
                .transitions(
                        rule.transitions().stream().map(S3BucketLifecycle::transition).toList())
                .build();
    }

    private static software.amazon.awssdk.services.s3.model.Transition transition(
            Transition transition) {
        return software.amazon.awssdk.services.s3.model.Transition.builder()
                .days(transition.days().orElseThrow())
                .storageClass(transition.storageClass())
                .build();
    }
}

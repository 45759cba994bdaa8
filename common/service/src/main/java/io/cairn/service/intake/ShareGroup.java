package io.cairn.service.intake;

import io.cairn.events.Topics;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;

/**
 * The group's own configuration, kept by the broker. It is set before the first member joins, since
 * the broker's defaults lose work: {@code latest} skips what was published before the first join,
 * {@code read_uncommitted} delivers the due events of aborted transactions.
 */
final class ShareGroup {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /**
     * The broker gives a record up this many deliveries after the intake does. It acts only where
     * no intake lives long enough to count.
     */
    private static final int BROKER_DELIVERIES_MORE = 3;

    private ShareGroup() {}

    static void configure(IntakeSettings settings) {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, settings.group());
        Collection<AlterConfigOp> changes =
                List.of(
                        set("share.auto.offset.reset", "earliest"),
                        set("share.isolation.level", "read_committed"),
                        set("share.renew.acknowledge.enable", "true"),
                        set("share.record.lock.duration.ms", settings.lease().lock().toMillis()),
                        set(
                                "share.delivery.count.limit",
                                settings.redelivery().limit() + BROKER_DELIVERIES_MORE),
                        set(
                                "errors.deadletterqueue.topic.name",
                                Topics.deadLetter(settings.topics().getFirst())),
                        set("errors.deadletterqueue.copy.record.enable", "true"));
        try (Admin admin = Admin.create(settings.clientOf("settings"))) {
            admin.incrementalAlterConfigs(Map.of(group, changes))
                    .all()
                    .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(settings, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException | KafkaException e) {
            throw failure(settings, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(settings, e);
        }
    }

    private static AlterConfigOp set(String name, Object value) {
        return new AlterConfigOp(new ConfigEntry(name, value.toString()), AlterConfigOp.OpType.SET);
    }

    private static CairnException failure(IntakeSettings settings, Throwable cause) {
        if (cause instanceof InvalidConfigurationException
                || cause instanceof InvalidRequestException) {
            return new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "the broker refuses the settings of group '"
                            + settings.group()
                            + "': "
                            + cause.getMessage(),
                    "change the intake's settings, or the broker's group.share.* bounds",
                    cause);
        }
        return new CairnException(
                ErrorCode.BROKER_UNREACHABLE,
                "cannot configure group '"
                        + settings.group()
                        + "' at "
                        + settings.client().get("bootstrap.servers"),
                "check that the Kafka broker runs and that kafka.bootstrap.servers names it",
                cause);
    }
}

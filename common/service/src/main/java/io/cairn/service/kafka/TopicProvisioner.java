package io.cairn.service.kafka;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.kafka.TopicPlan.PlannedTopic;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Creates the topics that are missing, before the channels open, and restores the settings without
 * which a topic does not work. Idempotent, and harmless when several services do it at once.
 */
@ApplicationScoped
public class TopicProvisioner {

    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

    private final KafkaSettings kafka;
    private final TopicSettings settings;

    @Inject
    TopicProvisioner(KafkaSettings kafka, TopicSettings settings) {
        this.kafka = kafka;
        this.settings = settings;
    }

    /**
     * Before the channels are opened, which happens at {@link Interceptor.Priority#LIBRARY_BEFORE}.
     */
    void onStart(
            @Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE + 100) StartupEvent event) {
        if (settings.awaitAtStart()) {
            provision();
        }
    }

    /**
     * Creates what is missing, where this service is to; waits for the broker as {@link
     * #provision(Map, TopicSettings)}.
     */
    public void provision() {
        if (settings.provision()) {
            provision(kafka.client(), settings);
        }
    }

    /**
     * Creates what is missing; waits for the broker up to {@link TopicSettings#brokerTimeout()}.
     *
     * @throws CairnException {@link ErrorCode#BROKER_UNREACHABLE}; {@link ErrorCode#CONFIG_INVALID}
     *     if the broker refuses a topic
     */
    public static void provision(Map<String, Object> client, TopicSettings settings) {
        long deadline = System.nanoTime() + settings.brokerTimeout().toNanos();
        Map<String, Object> config = new HashMap<>(client);
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
        try (Admin admin = Admin.create(config)) {
            while (true) {
                try {
                    new Provisioning(admin, settings).run();
                    return;
                } catch (RetriableException | TimeoutException e) {
                    if (System.nanoTime() >= deadline) {
                        throw unreachable(client, e);
                    }
                    TimeUnit.MILLISECONDS.sleep(RETRY_PAUSE.toMillis());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable(client, e);
        } catch (KafkaException e) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "the broker refuses the topics: " + e.getMessage(),
                    "compare cairn.topics.* with what the broker allows this service",
                    e);
        }
    }

    private static CairnException unreachable(Map<String, Object> client, Throwable cause) {
        return new CairnException(
                ErrorCode.BROKER_UNREACHABLE,
                "no Kafka broker answers at " + client.get("bootstrap.servers"),
                "start it, or set KAFKA_BOOTSTRAP_SERVERS to its address",
                cause);
    }

    /** One try. */
    private record Provisioning(Admin admin, TopicSettings settings) {

        private static final int CALL_LIMIT_MS = 15_000;

        void run() throws InterruptedException, TimeoutException {
            List<PlannedTopic> planned = new TopicPlan(settings).topics();
            Collection<String> existing = get(admin.listTopics().names());
            create(planned.stream().filter(topic -> !existing.contains(topic.name())).toList());
            restoreRules(
                    planned.stream().filter(topic -> existing.contains(topic.name())).toList());
        }

        private void create(List<PlannedTopic> missing)
                throws InterruptedException, TimeoutException {
            Collection<KafkaFuture<Void>> created =
                    admin.createTopics(
                                    missing.stream()
                                            .map(topic ->
                                                    topic.toNewTopic(settings.replicationFactor()))
                                            .toList(),
                                    new CreateTopicsOptions().retryOnQuotaViolation(true))
                            .values()
                            .values();
            for (KafkaFuture<Void> one : created) {
                try {
                    get(one);
                } catch (TopicExistsException e) {
                    // Another service was faster; it creates the same.
                }
            }
        }

        private void restoreRules(List<PlannedTopic> existing)
                throws InterruptedException, TimeoutException {
            Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
            for (PlannedTopic topic : existing) {
                changes.put(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic.name()),
                        topic.rules().entrySet().stream()
                                .map(rule ->
                                        new AlterConfigOp(
                                                new ConfigEntry(rule.getKey(), rule.getValue()),
                                                AlterConfigOp.OpType.SET))
                                .toList());
            }
            get(admin.incrementalAlterConfigs(changes).all());
        }

        private static <T> T get(KafkaFuture<T> future)
                throws InterruptedException, TimeoutException {
            try {
                return future.get(CALL_LIMIT_MS, TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof KafkaException cause) {
                    throw cause;
                }
                throw new KafkaException(e.getCause());
            }
        }
    }
}

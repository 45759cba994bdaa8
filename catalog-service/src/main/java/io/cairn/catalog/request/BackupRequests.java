package io.cairn.catalog.request;

import io.cairn.catalog.projection.FactStore;
import io.cairn.catalog.projection.Projection;
import io.cairn.catalog.run.Runs;
import io.cairn.config.CairnConfig;
import io.cairn.events.BackupRequested;
import io.cairn.model.BackupKind;
import io.cairn.model.BackupLabel;
import io.cairn.model.ClusterName;
import io.cairn.model.RunId;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.service.events.EventPublisher;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Turns a wish for a backup into {@link BackupRequested}, from which the scheduler makes a run. The
 * run's label is that of the second in which it was asked for, so the run is known before it is
 * due. Blocking; thread-safe.
 */
@ApplicationScoped
public class BackupRequests {

    /** Printable ASCII. */
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,128}");

    private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}]{1,128}");

    private final CairnConfig config;
    private final Requests requests;
    private final Runs runs;
    private final FactStore facts;
    private final EventPublisher publisher;
    private final InstantSource clock;
    private final RequestSettings settings;

    @Inject
    BackupRequests(
            CairnConfig config,
            Requests requests,
            Runs runs,
            FactStore facts,
            EventPublisher publisher,
            InstantSource clock,
            RequestSettings settings) {
        this.config = config;
        this.requests = requests;
        this.runs = runs;
        this.facts = facts;
        this.publisher = publisher;
        this.clock = clock;
        this.settings = settings;
    }

    /**
     * Asks for a backup. Repeated with the same key it leads to the same run, however long ago that
     * was.
     *
     * @param key 1 to 128 printable characters without spaces
     * @param requestedBy who asks, for the record
     * @return the run to follow
     * @throws CairnException {@link ErrorCode#CLUSTER_UNKNOWN}, {@link ErrorCode#REQUEST_INVALID};
     *     {@link ErrorCode#BROKER_UNREACHABLE} and {@link ErrorCode#SERVICE_UNREACHABLE}, after
     *     which the same request may be made again
     */
    public RunId request(ClusterName cluster, BackupKind kind, String key, String requestedBy) {
        check(cluster, key, requestedBy);
        BackupRequested request =
                requests.keep(
                        new BackupRequested(
                                cluster,
                                kind,
                                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                                requestedBy,
                                key,
                                settings.startDeadline()));
        if (request.kind() != kind) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "the idempotency key was already used to ask for a %s backup of %s"
                            .formatted(request.kind(), cluster),
                    "use a new key for a new request");
        }
        RunId run = new RunId(cluster, BackupLabel.of(request.requestedAt(), kind));
        boolean due = runs.find(run).filter(known -> known.run().due().isPresent()).isPresent();
        if (!due) {
            publisher.publish(request);
            // So that whoever follows the run finds it, even before the event has come back here.
            facts.join(Projection.of(request), Map.of());
        }
        return run;
    }

    private void check(ClusterName cluster, String key, String requestedBy) {
        config.cluster(cluster);
        if (!KEY.matcher(key).matches()) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "the idempotency key is not valid",
                    "send 1 to 128 printable characters in the header Idempotency-Key, a UUID for example");
        }
        if (!NAME.matcher(requestedBy).matches()) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID,
                    "requestedBy is not valid",
                    "send 1 to 128 characters of text");
        }
    }
}

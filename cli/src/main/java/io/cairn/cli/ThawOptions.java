package io.cairn.cli;

import io.cairn.model.StoreName;
import io.cairn.model.archival.RetrievalTier;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.thaw.Thaw;
import io.cairn.restore.thaw.ThawPlan;
import java.io.Console;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a restore does before it reads: it thaws what is archived, if its user agrees. */
@Command
final class ThawOptions {

    private static final Duration POLL_MIN = Duration.ofSeconds(2);
    private static final Duration POLL_MAX = Duration.ofMinutes(5);
    private static final int POLLS = 100;

    @Option(
            names = "--thaw-tier",
            paramLabel = "TIER",
            defaultValue = "standard",
            description =
                    "How fast archived volumes are thawed, and at what price: expedited, standard or"
                            + " bulk. Default: standard.")
    private String tier = "standard";

    @Option(
            names = "--thaw-days",
            paramLabel = "N",
            defaultValue = "3",
            description = "How long they stay readable. Default: 3.")
    private int days = 3;

    @Option(
            names = "--thaw-timeout",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "How long to wait for it. Default: twice what S3 says it takes.")
    private @Nullable Duration timeout;

    @Option(names = "--yes", description = "Thaws without asking.")
    private boolean yes;

    /** A thaw in JSON output. */
    record View(
            int objects,
            int toRequest,
            long bytes,
            String tier,
            long longestSeconds,
            List<ShareView> shares) {}

    record ShareView(StoreName store, StorageClass storageClass, int objects, long bytes) {}

    Optional<View> view(ThawPlan plan) {
        if (plan.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new View(
                        plan.objects().size(),
                        plan.toRequest().size(),
                        plan.bytes(),
                        tier().id(),
                        plan.longest(tier()).toSeconds(),
                        plan.shares().stream()
                                .map(share ->
                                        new ShareView(
                                                share.store(),
                                                share.storageClass(),
                                                share.objects(),
                                                share.bytes()))
                                .toList()));
    }

    /** In a line for the plan; empty if nothing is to be thawed. */
    String describe(ThawPlan plan) {
        if (plan.isEmpty()) {
            return "";
        }
        int going = plan.objects().size() - plan.toRequest().size();
        return "%nfirst thaw %s: %s retrieval, up to %s%s"
                .formatted(
                        plan.shares().stream()
                                .map(share ->
                                        "%d objects, %s, from %s in store '%s'"
                                                .formatted(
                                                        share.objects(),
                                                        Format.bytes(share.bytes()),
                                                        share.storageClass(),
                                                        share.store()))
                                .collect(Collectors.joining(" and ")),
                        tier(),
                        Format.duration(plan.longest(tier())),
                        going == 0 ? "" : "; for %d of them it goes on already".formatted(going));
    }

    /**
     * Asks whether it may be thawed. Does nothing where nothing has to be asked for.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_ARCHIVED} if nobody agreed; {@link
     *     ErrorCode#REQUEST_INVALID}
     */
    void agree(ThawPlan plan) {
        if (plan.isEmpty()) {
            return;
        }
        if (days < 1) {
            throw new CairnException(
                    ErrorCode.REQUEST_INVALID, "--thaw-days is at least 1", "3 is enough for most");
        }
        plan.longest(tier());
        if (!plan.toRequest().isEmpty()) {
            requireConsent(plan);
        }
    }

    /**
     * Thaws what was {@linkplain #agree agreed to}, and waits for it. Does nothing where nothing is
     * archived.
     *
     * @throws CairnException {@link ErrorCode#STORE_OBJECT_ARCHIVED} if it took too long
     */
    void run(ThawPlan plan) throws InterruptedException {
        if (plan.isEmpty()) {
            return;
        }
        Duration longest = plan.longest(tier());
        Duration every = longest.dividedBy(POLLS);
        Duration poll = every.compareTo(POLL_MIN) < 0 ? POLL_MIN : every;
        Thaw thaw = Thaw.inRealTime();
        try (Progress progress = Progress.onStandardError("thawing")) {
            thaw.request(plan, tier(), days);
            thaw.await(
                    plan,
                    poll.compareTo(POLL_MAX) > 0 ? POLL_MAX : poll,
                    timeout == null ? longest.multipliedBy(2) : timeout,
                    progress::update);
        }
    }

    private void requireConsent(ThawPlan plan) {
        if (yes || asked()) {
            return;
        }
        throw new CairnException(
                ErrorCode.STORE_OBJECT_ARCHIVED,
                plan.toRequest().size()
                        + " objects of "
                        + Format.bytes(plan.bytes())
                        + " have to be thawed first, which takes time and costs money",
                "add --yes; --thaw-tier says how fast");
    }

    private static boolean asked() {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            return false;
        }
        String answer = console.readLine("Thaw it? [y/N] ");
        return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
    }

    private RetrievalTier tier() {
        return RetrievalTier.parse(tier);
    }
}

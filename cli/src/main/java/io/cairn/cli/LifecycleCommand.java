package io.cairn.cli;

import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.lifecycle.BucketLifecycle;
import io.cairn.storage.lifecycle.LifecyclePlan;
import io.cairn.storage.lifecycle.LifecyclePlanner;
import io.cairn.storage.lifecycle.LifecycleRule;
import io.cairn.storage.s3.S3BucketLifecycle;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "lifecycle",
        description = {
            "Makes the buckets archive what the policies say (tiers.<tier>.archive).",
            "The rules go by the tags that every volume gets, and only move: expiry is Cairn's own. Rules of others",
            "stay as they are, unless they could expire or move what is Cairn's: then nothing is changed."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  cairn lifecycle show",
            "  cairn lifecycle apply archive --confirm"
        })
final class LifecycleCommand extends CommandGroup {

    @Mixin private final Output output = new Output();

    /** A bucket's rules in JSON output. */
    record View(
            StoreName store,
            List<RuleView> foreign,
            List<RuleView> present,
            List<RuleView> added,
            List<RuleView> removed,
            List<String> dangers,
            boolean applied) {

        static View of(LifecyclePlan plan, boolean applied) {
            return new View(
                    plan.store(),
                    views(plan.foreign()),
                    views(plan.present()),
                    views(plan.added()),
                    views(plan.removed()),
                    plan.dangers(),
                    applied);
        }

        private static List<RuleView> views(List<LifecycleRule> rules) {
            return rules.stream().map(rule -> new RuleView(rule.id(), rule.sentence())).toList();
        }
    }

    record RuleView(String id, String rule) {}

    @Command(
            name = "show",
            description = {
                "Shows the buckets' rules, and what apply would change.",
                "Ends with 1 if a rule endangers what is Cairn's."
            },
            mixinStandardHelpOptions = true)
    int show(@Parameters(paramLabel = "STORE", arity = "0..*") List<String> names) {
        try (Session session = Session.open(options())) {
            List<View> views = new ArrayList<>();
            for (ObjectStore store : chosen(session, names)) {
                try (BucketLifecycle bucket = open(session, store)) {
                    views.add(View.of(plan(session, store, bucket), false));
                }
            }
            print(views);
            boolean safe = views.stream().allMatch(view -> view.dangers().isEmpty());
            return (safe ? ExitCode.OK : ExitCode.ERROR).code();
        }
    }

    @Command(
            name = "apply",
            description = {
                "Writes the rules that the policies ask for into the buckets. Without --confirm only shows them.",
                "Takes the right s3:PutLifecycleConfiguration, which none of Cairn's credentials has: whoever may set",
                "such rules can have everything deleted."
            },
            mixinStandardHelpOptions = true)
    int apply(
            @Parameters(paramLabel = "STORE", arity = "0..*") List<String> names,
            @Option(names = "--confirm", description = "Do it.") boolean confirmed) {
        try (Session session = Session.open(options())) {
            List<BucketLifecycle> buckets = new ArrayList<>();
            try {
                List<LifecyclePlan> plans = new ArrayList<>();
                for (ObjectStore store : chosen(session, names)) {
                    BucketLifecycle bucket = open(session, store);
                    buckets.add(bucket);
                    plans.add(plan(session, store, bucket));
                }
                // All of them, before the first is changed.
                plans.forEach(LifecyclePlan::requireSafe);
                List<View> views = new ArrayList<>();
                for (int i = 0; i < plans.size(); i++) {
                    LifecyclePlan plan = plans.get(i);
                    boolean writes = confirmed && plan.changes();
                    if (writes) {
                        buckets.get(i).write(plan.result());
                    }
                    views.add(View.of(plan, writes));
                }
                print(views);
                if (!confirmed && plans.stream().anyMatch(LifecyclePlan::changes)) {
                    output.note("Nothing was changed. hint: --confirm does it");
                }
                return ExitCode.OK.code();
            } finally {
                buckets.forEach(BucketLifecycle::close);
            }
        }
    }

    /** Those that are named, else all that tiers keep copies in. */
    private static List<ObjectStore> chosen(Session session, List<String> names) {
        if (names != null && !names.isEmpty()) {
            List<StoreName> wanted = names.stream().map(StoreName::new).toList();
            wanted.forEach(session.config()::store);
            return session.stores().stream()
                    .filter(store -> wanted.contains(store.name()))
                    .toList();
        }
        return session.stores().stream()
                .filter(store ->
                        session.config().tiers().values().stream()
                                .anyMatch(policy -> policy.run().copies().contains(store.name())))
                .toList();
    }

    private static BucketLifecycle open(Session session, ObjectStore store) {
        return S3BucketLifecycle.open(session.config().store(store.name()));
    }

    /**
     * @throws CairnException a {@code STORE_…} code
     */
    private static LifecyclePlan plan(Session session, ObjectStore store, BucketLifecycle bucket) {
        return new LifecyclePlanner(session.config())
                .plan(store.name(), bucket.rules(), LifecyclePlanner.folders(store));
    }

    private void print(List<View> views) {
        output.print(options().output(), "lifecycle", views, () -> views.forEach(this::text));
    }

    private void text(View view) {
        output.line("store " + view.store());
        lines("  ", "", view.foreign());
        lines("  ", "", view.present());
        lines("+ ", view.applied() ? " (now set)" : " (to be set)", view.added());
        lines("- ", view.applied() ? " (now gone)" : " (to go)", view.removed());
        if (view.foreign().isEmpty() && view.present().isEmpty() && view.added().isEmpty()) {
            output.line("  no rules, and none wanted");
        }
        view.dangers().forEach(danger -> output.line("  DANGER  " + danger));
    }

    private void lines(String mark, String end, List<RuleView> rules) {
        rules.forEach(rule -> output.line(mark + rule.id() + "  " + rule.rule() + end));
    }
}

package io.cairn.catalog.sql;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Runs reactive database work for callers that block. A reactive session belongs to one Vert.x
 * context, so each transaction gets a context of its own, and the caller (a virtual thread) waits
 * for its end.
 *
 * <p>Errors are {@link CairnException} with {@link ErrorCode#SERVICE_UNREACHABLE} or {@link
 * ErrorCode#INTERNAL}.
 */
@ApplicationScoped
class Transactions {

    private final Mutiny.SessionFactory sessions;
    private final Vertx vertx;
    private final DatabaseSettings settings;

    @Inject
    Transactions(Mutiny.SessionFactory sessions, Vertx vertx, DatabaseSettings settings) {
        this.sessions = sessions;
        this.vertx = vertx;
        this.settings = settings;
    }

    /** One transaction, within the configured time. */
    <T> T run(Function<Mutiny.Session, Uni<T>> work) {
        return run(settings.timeout(), (session, _) -> work.apply(session));
    }

    /**
     * One transaction.
     *
     * @param work gets the session and the only context on which that may be used
     */
    <T> T run(Duration within, BiFunction<Mutiny.Session, Context, Uni<T>> work) {
        Context context =
                Objects.requireNonNull(
                        VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext()));
        // Nobody else knows this context, so a session may be kept in it.
        VertxContextSafetyToggle.setContextSafe(context, true);
        CompletableFuture<T> done = new CompletableFuture<>();
        context.runOnContext(_ -> {
            Cancellable running =
                    Uni.createFrom()
                            .deferred(() ->
                                    sessions.withTransaction(
                                            session -> work.apply(session, context)))
                            .subscribe()
                            .with(done::complete, done::completeExceptionally);
            var _ = done.whenComplete((_, _) -> running.cancel());
        });
        try {
            return done.get(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw DatabaseErrors.of(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            done.cancel(false);
            throw DatabaseErrors.unreachable(
                    "no end of the transaction within " + within.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            done.cancel(false);
            Thread.currentThread().interrupt();
            throw DatabaseErrors.unreachable("interrupted", e);
        }
    }
}

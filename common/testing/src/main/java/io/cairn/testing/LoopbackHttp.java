package io.cairn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks services on this machine. By HTTP/1.1: the JDK's switch to HTTP/2 on one connection loses
 * bytes now and then, and the answer never ends. What is waited for is the whole answer: a
 * request's own time-out ends with the headers. Thread-safe.
 */
public final class LoopbackHttp {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private LoopbackHttp() {}

    /**
     * What an HTTP GET answers, whatever its status.
     *
     * @throws UncheckedIOException if it is not there whole within a minute
     */
    public static String get(URI uri) throws InterruptedException {
        return get(uri, LIMIT);
    }

    static String get(URI uri, Duration limit) throws InterruptedException {
        CompletableFuture<HttpResponse<String>> answer =
                CLIENT.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS).body();
        } catch (TimeoutException e) {
            throw new UncheckedIOException(
                    new HttpTimeoutException(uri + " has not answered within " + limit));
        } catch (ExecutionException e) {
            throw new UncheckedIOException(new IOException(uri + " does not answer", e.getCause()));
        } finally {
            answer.cancel(true);
        }
    }
}

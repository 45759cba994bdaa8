package io.cairn.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A service that was started, with its address. */
record RunningService(Service service, JavaProcess process, int port) {

    private static final Duration READY = Duration.ofSeconds(150);
    private static final HttpClient HTTP =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();

    /**
     * Starts the service and waits until it says that it is ready.
     *
     * @param name of this process: the service's, with a number where there are several
     * @param sources where the built modules are
     */
    static RunningService start(
            Service service,
            String name,
            int port,
            Path sources,
            StateFolder state,
            Map<String, String> environment)
            throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(service.environment(state));
        all.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        all.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        all.put("CAIRN_INSTANCE", name);
        Path jar = sources.resolve(service.module()).resolve("target/quarkus-app/quarkus-run.jar");
        RunningService running =
                new RunningService(
                        service, JavaProcess.start(name, service.jvm(), jar, all, state), port);
        try {
            running.awaitReady();
        } catch (IllegalStateException | InterruptedException e) {
            running.process().stop(Duration.ofSeconds(10));
            throw e;
        }
        return running;
    }

    String address() {
        return "http://127.0.0.1:" + port;
    }

    private void awaitReady() throws InterruptedException {
        long end = System.nanoTime() + READY.toNanos();
        while (!isReady()) {
            if (!process.isAlive()) {
                throw new IllegalStateException(
                        process.name() + " ended while starting:\n    " + process.lastLines());
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        process.name()
                                + " was not ready within "
                                + READY.toSeconds()
                                + " s:\n    "
                                + process.lastLines());
            }
            Thread.sleep(100);
        }
    }

    private boolean isReady() throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(address() + "/q/health/ready"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}

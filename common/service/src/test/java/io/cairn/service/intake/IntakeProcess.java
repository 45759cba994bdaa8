package io.cairn.service.intake;

import io.cairn.events.EventEnvelope;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An intake in a process of its own, whose handler never ends: what a killed executor is. */
final class IntakeProcess implements AutoCloseable {

    private static final String TAKEN = "taken ";

    private final Process process;
    private final BufferedReader out;

    private IntakeProcess(Process process) {
        this.process = process;
        this.out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static IntakeProcess start(String bootstrapServers, String group, String topic, Duration lock)
            throws IOException {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process =
                new ProcessBuilder(
                                List.of(
                                        java,
                                        "-XX:TieredStopAtLevel=1",
                                        "-cp",
                                        classPath,
                                        IntakeProcess.class.getName(),
                                        bootstrapServers,
                                        group,
                                        topic,
                                        lock.toString()))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new IntakeProcess(process);
    }

    public static void main(String... args) throws InterruptedException {
        IntakeSettings settings =
                IntakeSettings.of(args[0], args[1], List.of(args[2]), 1)
                        .withLease(IntakeSettings.Lease.ofLock(Duration.parse(args[3])));
        ShareGroupIntake.start(settings, IntakeProcess::neverEnds);
        new CountDownLatch(1).await();
    }

    private static Outcome neverEnds(EventEnvelope<?> event, Delivery delivery)
            throws InterruptedException {
        System.out.println(TAKEN + event.id());
        new CountDownLatch(1).await();
        return Outcome.done();
    }

    /** Waits until it works on something and says on what. */
    String awaitTaken() {
        try {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(TAKEN)) {
                    return line.substring(TAKEN.length());
                }
            }
            throw new AssertionError("the process ended without taking anything");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    void kill() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        kill();
    }
}

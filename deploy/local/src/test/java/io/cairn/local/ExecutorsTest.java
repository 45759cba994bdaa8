package io.cairn.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.error.CairnException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Executors that are sleeping processes. */
@Timeout(value = 60)
class ExecutorsTest {

    private static final String SLEEP = "echo ready; exec sleep 600";

    /** Ends its run first, which takes for ever. */
    private static final String BUSY = "trap '' TERM; echo ready; while :; do sleep 0.1; done";

    private final Map<String, Process> processes = new ConcurrentHashMap<>();
    private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    private final List<String> said = Collections.synchronizedList(new ArrayList<>());
    private volatile String program = SLEEP;
    private Executors executors;

    @BeforeEach
    void startFirst() throws Exception {
        executors = Executors.start(this::start, ended::add);
    }

    @AfterEach
    void endAll() {
        processes.values().forEach(Process::destroyForcibly);
    }

    @Test
    void countsTheOneThatServesEveryTier() {
        scale("oltp=3");
        assertThat(processes).containsOnlyKeys("executor", "executor-oltp-2", "executor-oltp-3");
        assertThat(said).endsWith("oltp: 3 executors");

        scale("oltp=1");
        assertThat(alive()).containsExactly("executor");
        assertThat(said).endsWith("oltp: 1 executor");
        assertThat(ended).isEmpty();
    }

    @Test
    void oneThatEndedByItselfIsToldOfAndReplaced() throws Exception {
        scale("oltp=3");

        processes.get("executor-oltp-2").destroyForcibly();

        assertThat(ended.poll(20, TimeUnit.SECONDS)).isEqualTo("executor-oltp-2");
        scale("oltp=3");
        assertThat(alive()).containsExactly("executor", "executor-oltp-2", "executor-oltp-3");
    }

    @Test
    void theFirstDoesNotCountWhenItHasEnded() throws Exception {
        processes.get("executor").destroyForcibly().waitFor();

        scale("oltp=1");

        assertThat(alive()).containsExactly("executor-oltp-2");
        assertThat(said).endsWith("oltp: 1 executor");
    }

    @Test
    void stoppingBreaksAScaleOffThatWaitsForARun() throws Exception {
        program = BUSY;
        scale("oltp=3");
        CountDownLatch answered = new CountDownLatch(1);
        Thread.ofVirtual()
                .start(() -> {
                    assertThatThrownBy(() -> scale("oltp=1"))
                            .isInstanceOf(CairnException.class)
                            .hasMessageContaining("the platform is stopping");
                    answered.countDown();
                });
        Awaitility.await()
                .until(() -> said.contains("executor-oltp-2 ends the runs it has begun …"));
        assertThatThrownBy(() -> scale("queue=2")).hasMessageContaining("already");

        long start = System.nanoTime();
        executors.stop(Duration.ofSeconds(1));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(answered.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(alive()).isEmpty();
        assertThat(said).doesNotContain("oltp: 1 executor");
        assertThat(ended).isEmpty();
        assertThatThrownBy(() -> scale("oltp=2")).hasMessageContaining("stopping");
    }

    @Test
    void executorsAreStoppedTogether() throws Exception {
        program = BUSY;
        scale("oltp=5");

        long start = System.nanoTime();
        executors.stop(Duration.ofSeconds(2));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
        assertThat(alive()).isEmpty();
    }

    @Test
    void saysWhatIsWrongWithARequest() {
        for (String request : List.of("oltp=0", "oltp=9", "oltp=many", "oltp")) {
            assertThatThrownBy(() -> scale(request))
                    .isInstanceOfSatisfying(
                            CairnException.class,
                            e -> assertThat(e.hint().orElseThrow()).contains("oltp=3"));
        }
        assertThatThrownBy(() -> scale("none=2")).isInstanceOf(CairnException.class);
    }

    private void scale(String request) {
        executors.scale(request, said::add);
    }

    private RunningService start(String name, String tiers) throws IOException {
        Process process = new ProcessBuilder("sh", "-c", program).start();
        processes.put(name, process);
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        return new RunningService(
                Service.EXECUTOR, new JavaProcess(name, process, Path.of("none")), 1);
    }

    private List<String> alive() {
        return processes.entrySet().stream()
                .filter(entry -> entry.getValue().isAlive())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }
}

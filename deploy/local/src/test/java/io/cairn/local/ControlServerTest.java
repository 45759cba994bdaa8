package io.cairn.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30)
class ControlServerTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir private Path folder;
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    @Test
    void aCommandThatTakesLongKeepsNobodyElseWaiting() throws Exception {
        List<String> slow = new CopyOnWriteArrayList<>();
        List<String> quick = new CopyOnWriteArrayList<>();
        try (ControlServer _ = ControlServer.start(socket(), this::run)) {
            Thread client = Thread.ofVirtual().start(() -> slow.addAll(send("slow")));
            entered.await();

            quick.addAll(send("stop"));

            assertThat(quick).containsExactly("done stop", "true");
            released.countDown();
            assertThat(client.join(LONG)).isTrue();
            assertThat(slow).containsExactly("done slow", "true");
        }
    }

    @Test
    void aClientGivesUpOnASupervisorThatSaysNothing() throws Exception {
        try (ControlServer _ = ControlServer.start(socket(), this::run)) {
            assertThatThrownBy(() ->
                            ControlClient.send(
                                    socket(), "slow", Duration.ofMillis(100), line -> {}))
                    .isInstanceOf(SocketTimeoutException.class);
        } finally {
            released.countDown();
        }
    }

    @Test
    void aFailureIsTheAnswer() throws Exception {
        try (ControlServer _ = ControlServer.start(socket(), this::run)) {
            assertThat(send("fail")).containsExactly("error: no luck", "true");
        }
    }

    private void run(String line, Consumer<String> answer) {
        if (line.equals("fail")) {
            throw new IllegalStateException("no luck");
        }
        if (line.equals("slow")) {
            entered.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        answer.accept("done " + line);
    }

    /** The answer's lines, and whether it was whole. */
    private List<String> send(String line) {
        List<String> said = new CopyOnWriteArrayList<>();
        try {
            said.add(Boolean.toString(ControlClient.send(socket(), line, LONG, said::add)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return said;
    }

    private Path socket() {
        return folder.resolve("control.sock");
    }
}

package io.cairn.testing;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.utility.DockerImageName;

/**
 * A container of a Docker engine on this machine. It has the host's network, the directories of its
 * run under their own names, and this process's user, so that it takes the same configuration,
 * keeps the same port and leaves the same files as a child process. It is removed when it has
 * ended; what is to stay lies in the directories.
 */
final class ContainerProcess implements ServerProcess {

    private static final long POLL_MILLIS = 20;

    private final GenericContainer<?> container;
    private final DockerClient docker;
    private final String id;
    private final long pid;

    private ContainerProcess(GenericContainer<?> container) {
        this.container = container;
        this.docker = container.getDockerClient();
        this.id = container.getContainerId();
        this.pid = state().map(ContainerState::getPidLong).orElse(0L);
    }

    /** Starts the command in the image without waiting; the image is pulled where it is missing. */
    static ContainerProcess launch(String image, List<String> command, JavaServer.Run run) {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            throw new CairnException(
                    ErrorCode.SERVICE_UNREACHABLE,
                    "no Docker engine answers",
                    "start one, or run the tests without -Pcontainers");
        }
        // Closed by stop() and kill(), or with this JVM by Testcontainers.
        @SuppressWarnings("resource")
        GenericContainer<?> container =
                new GenericContainer<>(DockerImageName.parse(image))
                        .withNetworkMode("host")
                        .withEnv(run.environment())
                        .withCreateContainerCmdModifier(create -> shape(create, command, run))
                        .withLogConsumer(frame -> append(run.log(), frame))
                        .withStartupCheckStrategy(new OnceLaunched());
        container.start();
        return new ContainerProcess(container);
    }

    private static void shape(CreateContainerCmd create, List<String> command, JavaServer.Run run) {
        Bind[] binds =
                run.files().stream()
                        .map(path -> path.toAbsolutePath().toString())
                        .distinct()
                        .map(path -> new Bind(path, new Volume(path)))
                        .toArray(Bind[]::new);
        HostConfig host = create.getHostConfig();
        create.withHostConfig((host == null ? HostConfig.newHostConfig() : host).withBinds(binds))
                .withUser(owner(run.files().getFirst()))
                .withEntrypoint(command.getFirst())
                .withCmd(command.subList(1, command.size()));
    }

    /** The user of the server's directory, which this process has made. */
    private static String owner(Path directory) {
        try {
            return Files.getAttribute(directory, "unix:uid")
                    + ":"
                    + Files.getAttribute(directory, "unix:gid");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void append(Path log, OutputFrame frame) {
        byte[] bytes = frame.getBytes();
        if (bytes == null) {
            return; // the end of a stream
        }
        try {
            Files.write(log, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it lives and answers is looked at by who launches it. */
    private static final class OnceLaunched extends StartupCheckStrategy {

        @Override
        public StartupStatus checkStartupState(DockerClient docker, String id) {
            return StartupStatus.SUCCESSFUL;
        }
    }

    private Optional<ContainerState> state() {
        try {
            return Optional.of(docker.inspectContainerCmd(id).exec().getState());
        } catch (NotFoundException e) {
            return Optional.empty(); // removed after its end
        }
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public boolean isAlive() {
        return state().map(state -> Boolean.TRUE.equals(state.getRunning())).orElse(false);
    }

    @Override
    public OptionalInt awaitExit(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (isAlive()) {
            if (System.nanoTime() > end) {
                return OptionalInt.empty();
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        return state().map(ContainerState::getExitCodeLong)
                .map(status -> OptionalInt.of(status.intValue()))
                .orElse(OptionalInt.empty());
    }

    @Override
    public void stop() {
        try {
            docker.stopContainerCmd(id).withTimeout((int) STOP.toSeconds()).exec();
        } catch (NotFoundException | NotModifiedException e) {
            // It has ended before, and is only removed.
        } finally {
            container.stop();
        }
    }

    /** Testcontainers kills what runs before it removes it. */
    @Override
    public void kill() {
        container.stop();
    }

    @Override
    public void suspend() {
        docker.pauseContainerCmd(id).exec();
    }

    @Override
    public void resume() {
        docker.unpauseContainerCmd(id).exec();
    }
}

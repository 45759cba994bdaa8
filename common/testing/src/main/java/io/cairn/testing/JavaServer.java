package io.cairn.testing;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A third-party server written in Java: its jars in the folder of the servers, and the same jars in
 * its image. {@link #launch} is the one place that decides between a process and a container, by
 * the system property {@code cairn.servers.from}: {@code processes} unless it says {@code
 * containers}.
 */
enum JavaServer {
    KAFKA("Kafka", "kafka", "/opt/kafka/libs/*"),
    S3PROXY("s3proxy", "s3proxy", "/opt/s3proxy/s3proxy");

    private static final String FROM = "cairn.servers.from";

    private final String label;
    private final String folder;
    private final String classPathInImage;

    JavaServer(String label, String folder, String classPathInImage) {
        this.label = label;
        this.folder = folder;
        this.classPathInImage = classPathInImage;
    }

    /** What a run needs beside the jars. */
    record Run(
            List<String> arguments, Map<String, String> environment, List<Path> files, Path log) {

        /**
         * @param arguments of {@code java}, after the class path: JVM flags, main class, its own
         * @param files directories that the server reads or writes, the first its own
         * @param log output is appended to it
         */
        Run {
            arguments = List.copyOf(arguments);
            environment = Map.copyOf(environment);
            files = List.copyOf(files);
        }
    }

    /** For messages. */
    String label() {
        return label;
    }

    /** The name of its folder and of its log. */
    String folder() {
        return folder;
    }

    /** Starts it without waiting. */
    ServerProcess launch(Run run) {
        return launch(run, () -> StartupArchive.of(made(), folder, jars()));
    }

    /** The same with one of its tools, which runs once and seldom. */
    ServerProcess launchTool(Run run) {
        return launch(run, StartupArchive::none);
    }

    private ServerProcess launch(Run run, Supplier<StartupArchive> archive) {
        String from = System.getProperty(FROM, "processes");
        return switch (from) {
            case "processes" -> launchHere(run, archive.get());
            case "containers" ->
                    ContainerProcess.launch(image(), command("java", classPathInImage, run), run);
            default ->
                    throw new CairnException(
                            ErrorCode.CONFIG_INVALID,
                            "the system property " + FROM + " is '" + from + "'",
                            "it is processes or containers");
        };
    }

    private ServerProcess launchHere(Run run, StartupArchive archive) {
        List<String> command = command(LocalProcess.java(), classPath(), run);
        command.addAll(1, archive.options());
        return LocalProcess.launch(label, command, run, archive);
    }

    private static List<String> command(String java, String classPath, Run run) {
        List<String> command = new ArrayList<>(List.of(java, "-cp", classPath));
        command.addAll(run.arguments());
        return command;
    }

    /**
     * Something that is made once for this release of the server and used by every later start:
     * where it lies, beside the servers.
     */
    Path made(String what) {
        String release =
                Integer.toHexString(jars().stream().map(Path::getFileName).toList().hashCode());
        return made().resolve(folder + "-" + what + "-" + release);
    }

    private static Path made() {
        return Servers.folder().resolve("made");
    }

    private List<Path> jars() {
        return Servers.jars(Servers.folder().resolve(folder));
    }

    private String classPath() {
        return jars().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private String image() {
        String property = "cairn.image." + folder;
        String image = System.getProperty(property);
        if (image == null) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "the system property " + property + " is not set",
                    "the Maven profile 'containers' sets it");
        }
        return image;
    }
}

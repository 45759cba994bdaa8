package io.cairn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The classes that a Java program loads while it starts, as the JVM lays them out for the next
 * start (class data sharing), which halves the processor time of that. Made by a run that was ready
 * and ended properly, and made anew when the program is newer. Making it costs seconds at the end
 * of the run, so that one run at a time does, and others start without. One object belongs to one
 * run. Thread-safe.
 */
public final class StartupArchive {

    /**
     * A JVM that cannot use an archive starts without, and says nothing where logs are looked at.
     */
    private static final String SILENT = "-Xlog:cds=off,cds+dynamic=off,class+path=off,aot=off";

    private static final Duration END = Duration.ofSeconds(30);

    /** A run that has not left an archive by then is not waited for any longer. */
    private static final Duration MAKING_MAX = Duration.ofMinutes(2);

    private final Optional<Path> file;
    private final Optional<Path> unfinished;

    private StartupArchive(Optional<Path> file, Optional<Path> unfinished) {
        this.file = file;
        this.unfinished = unfinished;
    }

    /** For a run that neither has one nor leaves one. */
    public static StartupArchive none() {
        return new StartupArchive(Optional.empty(), Optional.empty());
    }

    /**
     * For one run of a program.
     *
     * @param folder for its archive; created where it is missing, and done without where this user
     *     may not
     * @param name of the program
     * @param jars that it is started from; an archive that is older is not used
     */
    public static StartupArchive of(Path folder, String name, List<Path> jars) {
        Path file = folder.toAbsolutePath().resolve(name + "-" + Runtime.version() + ".jsa");
        try {
            if (Files.exists(file) && isNewer(file, jars)) {
                return new StartupArchive(Optional.of(file), Optional.empty());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return isWritable(folder) && isFirstToMake(file)
                ? new StartupArchive(
                        Optional.of(file),
                        Optional.of(file.resolveSibling("." + name + "-" + UUID.randomUUID())))
                : none();
    }

    private static boolean isFirstToMake(Path file) {
        Path making = making(file);
        Instant now = Instant.now();
        try {
            if (Files.exists(making)
                    && Files.getLastModifiedTime(making)
                            .toInstant()
                            .isBefore(now.minus(MAKING_MAX))) {
                Files.deleteIfExists(making);
            }
            Files.createFile(making);
            return true;
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lies beside the archive while a run makes that. */
    private static Path making(Path file) {
        return file.resolveSibling(file.getFileName() + ".making");
    }

    private static boolean isNewer(Path file, List<Path> jars) throws IOException {
        FileTime made = Files.getLastModifiedTime(file);
        for (Path jar : jars) {
            if (Files.getLastModifiedTime(jar).compareTo(made) > 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether something can be kept there; what another user has built is used as it is. */
    static boolean isWritable(Path folder) {
        try {
            return Files.isWritable(Files.createDirectories(folder));
        } catch (IOException e) {
            return false;
        }
    }

    /** For one run of a packaged service; the archive lies beside the package. */
    public static StartupArchive ofService(Path jar) {
        Path application = jar.toAbsolutePath().getParent();
        return of(application.resolveSibling("startup"), "service", List.of(jar));
    }

    /** What the JVM is to be told. */
    public List<String> options() {
        return unfinished
                .map(made -> List.of("-XX:ArchiveClassesAtExit=" + made, SILENT))
                .or(() -> file.map(kept -> List.of("-XX:SharedArchiveFile=" + kept, SILENT)))
                .orElse(List.of());
    }

    /** Whether this run leaves an archive if it may end properly. */
    public boolean isMaking() {
        return unfinished.isPresent();
    }

    /**
     * Ends the run: at once, unless it leaves an archive, for which it has half a minute.
     *
     * @param ready whether it had started, so that what it leaves is of use
     */
    public void end(Process process, boolean ready) {
        if (isMaking() && ready && process.isAlive()) {
            process.destroy();
            try {
                if (process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                    keep();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        process.destroyForcibly();
    }

    /** Takes what the run has left, which was ready and has ended properly. */
    public void keep() {
        unfinished
                .filter(Files::exists)
                .ifPresent(made -> file.ifPresent(kept -> rename(made, kept)));
    }

    private static void rename(Path made, Path kept) {
        try {
            Files.move(made, kept, StandardCopyOption.ATOMIC_MOVE);
            Files.deleteIfExists(making(kept));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.cairn.restore.recovery;

import io.cairn.restore.target.TargetErrors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Whether a server that is being started looks for WAL. Before, its directory may still be another
 * user's, and it begins by making durable all that it finds there: it would wait for the disk to
 * take what is placed too early.
 *
 * <p>It tells by its log. Should it do so in other words one day, it gets its WAL a while after it
 * has begun. For one thread.
 */
final class LooksForWal implements BooleanSupplier {

    /** A warning of every standby that has neither {@code restore_command} nor a primary. */
    static final String SAYS = "WARNING:  specified neither ";

    private static final Duration AT_MOST = Duration.ofSeconds(30);

    private final Path pidFile;
    private final Path log;
    private final long logStart;
    private long begun;
    private boolean said;

    /**
     * @param log of the server, not started yet; what is in it is of earlier ones
     */
    LooksForWal(Path dataDirectory, Path log) throws IOException {
        this.pidFile = dataDirectory.resolve("postmaster.pid");
        this.log = log;
        this.logStart = Files.exists(log) ? Files.size(log) : 0;
    }

    @Override
    public boolean getAsBoolean() {
        if (!Files.exists(pidFile)) {
            return false;
        }
        if (begun == 0) {
            begun = System.nanoTime();
        }
        said = said || System.nanoTime() - begun > AT_MOST.toNanos() || says();
        return said;
    }

    private boolean says() {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(logStart);
            byte[] said = new byte[(int) Math.min(file.length() - logStart, 1 << 20)];
            file.readFully(said);
            return new String(said, StandardCharsets.UTF_8).contains(SAYS);
        } catch (IOException e) {
            throw TargetErrors.of(log, e);
        }
    }
}

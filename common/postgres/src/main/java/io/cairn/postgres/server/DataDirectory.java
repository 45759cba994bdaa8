package io.cairn.postgres.server;

import io.cairn.config.Secret;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A new cluster's data directory, made by {@code initdb}. Started as root, the directory belongs to
 * {@code nobody} afterwards. Local connections are trusted (the socket's directory is private);
 * those over TCP need the password where there is one, and are trusted otherwise. Not thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/app-initdb.html">initdb</a>
 */
public final class DataDirectory {

    /** Limit of {@code initdb}, which takes seconds. */
    private static final int INITDB_TIMEOUT_SECONDS = 120;

    /** A statement a line, as the server takes them without a postmaster. */
    private static final String DROP_TEMPLATES =
            """
            UPDATE pg_database SET datistemplate = false
            DROP DATABASE template0
            DROP DATABASE template1
            """;

    private final PostgresBinaries binaries;
    private final Path directory;
    private final List<String> options = new ArrayList<>();
    private String superuser = "postgres";
    private Optional<Secret> password = Optional.empty();
    private boolean copied;
    private boolean single;

    private DataDirectory(PostgresBinaries binaries, Path directory) {
        this.binaries = binaries;
        this.directory = directory.toAbsolutePath();
        options.addAll(List.of("--encoding=UTF8", "--locale=C.UTF-8"));
    }

    /** A directory that does not exist yet, or is empty. */
    public static DataDirectory at(PostgresBinaries binaries, Path directory) {
        return new DataDirectory(binaries, directory);
    }

    /** The bootstrap superuser; {@code postgres} unless said otherwise. */
    public DataDirectory superuser(String name) {
        superuser = name;
        return this;
    }

    /** The superuser's password; connections over TCP then authenticate with SCRAM-SHA-256. */
    public DataDirectory password(Secret secret) {
        password = Optional.of(secret);
        return this;
    }

    /** Page checksums, on or off, whatever the version's default is. */
    public DataDirectory checksums(boolean on) {
        if (on) {
            options.add("--data-checksums");
        } else if (binaries.major() >= 18) {
            options.add("--no-data-checksums");
        }
        return this;
    }

    /** A power of two, 1 to 1024; the default is 16. */
    public DataDirectory walSegmentMegabytes(int megabytes) {
        options.add("--wal-segsize=" + megabytes);
        return this;
    }

    /**
     * Does not wait until the new files are on disk: for tests, whose cluster is worth nothing
     * after a power failure.
     */
    public DataDirectory withoutSync() {
        options.add("--no-sync");
        return this;
    }

    /**
     * Copies what an earlier call on this machine made with the same options, which takes a tenth
     * of {@code initdb}'s time; the cluster gets a system identifier of its own. For tests alone,
     * and with a password that is no secret: the copied directory stays in {@link
     * PostgresInstallations#cache}.
     */
    public DataDirectory copiedForTest() {
        copied = true;
        return withoutSync();
    }

    /**
     * {@link #copiedForTest}, and only the database {@code postgres}: a third of the files and of
     * the bytes, for tests that back up or restore the cluster and create no database in it.
     */
    public DataDirectory copiedForTestWithoutTemplates() {
        single = true;
        return copiedForTest();
    }

    /**
     * @return the data directory
     * @throws CairnException {@link ErrorCode#TARGET_NOT_EMPTY}, {@link
     *     ErrorCode#POSTGRES_BOOT_FAILED} with what {@code initdb} said
     */
    public Path create() {
        try {
            ServerAccount account = ServerAccount.of(directory);
            prepare(account, directory);
            if (copied) {
                copy(account);
            } else {
                initdb(account, directory);
            }
            return directory;
        } catch (IOException e) {
            throw failed(e.toString(), e);
        }
    }

    private void copy(ServerAccount account) throws IOException {
        List<String> parts = new ArrayList<>(arguments(Path.of("password"), Path.of("data")));
        parts.add(password.map(Secret::reveal).orElse(""));
        if (single) {
            parts.add("without templates");
        }
        // Who owns it.
        parts.addAll(account.command(List.of()));
        Path cache = PostgresInstallations.of(Map.of()).cache().resolve("initdb");
        ClusterTemplate template = ClusterTemplate.of(cache, parts);
        template.make(made -> {
            prepare(account, made);
            initdb(account, made);
            if (single) {
                dropTemplates(account, made);
            }
        });
        Path output = Files.createTempFile("cairn-initdb-", ".log");
        try {
            String from = template.directory() + "/.";
            String to = directory.toString();
            run(account.command(List.of("cp", "-a", "--reflink=auto", from, to)), output);
        } finally {
            Files.delete(output);
        }
        ClusterTemplate.giveIdentifier(directory);
    }

    private void prepare(ServerAccount account, Path directory) throws IOException {
        Files.createDirectories(directory);
        try (Stream<Path> files = Files.list(directory)) {
            if (files.findAny().isPresent()) {
                throw new CairnException(
                        ErrorCode.TARGET_NOT_EMPTY,
                        "the directory " + directory + " is not empty",
                        "name an empty one");
            }
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        account.reach(binaries.program("initdb"));
        account.reach(directory);
        account.own(directory);
    }

    private void initdb(ServerAccount account, Path directory) throws IOException {
        Path output = Files.createTempFile("cairn-initdb-", ".log");
        Path secret = Files.createTempFile("cairn-initdb-", ".tmp");
        try {
            // A file that only the server's user reads: a command line can be read by everybody on
            // the machine.
            Files.writeString(secret, password.map(Secret::reveal).orElse(""));
            account.own(secret);
            run(account.command(arguments(secret, directory)), output);
        } finally {
            Files.delete(secret);
            Files.delete(output);
        }
    }

    private void dropTemplates(ServerAccount account, Path directory) throws IOException {
        Path output = Files.createTempFile("cairn-initdb-", ".log");
        Path statements = Files.createTempFile("cairn-initdb-", ".sql");
        try {
            Files.writeString(statements, DROP_TEMPLATES);
            List<String> command =
                    new ArrayList<>(List.of(binaries.program("postgres").toString()));
            command.addAll(List.of("--single", "-F", "-c", "exit_on_error=on"));
            command.addAll(List.of("-D", directory.toString(), "postgres"));
            run(account.command(command), statements, output);
        } finally {
            Files.delete(statements);
            Files.delete(output);
        }
    }

    private void run(List<String> command, Path output) throws IOException {
        run(command, Path.of("/dev/null"), output);
    }

    private void run(List<String> command, Path input, Path output) throws IOException {
        Process process =
                new ProcessBuilder(command)
                        .directory(Path.of("/").toFile())
                        .redirectInput(input.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            if (!process.waitFor(INITDB_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw failed("it did not end within " + INITDB_TIMEOUT_SECONDS + " s", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw failed(LogTail.of(output), null);
        }
    }

    private List<String> arguments(Path secret, Path directory) {
        List<String> arguments = new ArrayList<>();
        arguments.add(binaries.program("initdb").toString());
        arguments.add("--pgdata=" + directory);
        arguments.add("--username=" + superuser);
        arguments.add("--auth-local=trust");
        arguments.add("--auth-host=" + (password.isPresent() ? "scram-sha-256" : "trust"));
        if (password.isPresent()) {
            arguments.add("--pwfile=" + secret);
        }
        arguments.addAll(options);
        return arguments;
    }

    private CairnException failed(String reason, @Nullable Throwable cause) {
        return new CairnException(
                ErrorCode.POSTGRES_BOOT_FAILED,
                "initdb of " + directory + " failed: " + reason,
                "check the directory's free space and rights, and that "
                        + binaries.home()
                        + " runs on this machine",
                cause);
    }
}

package io.cairn.bench.rpo0;

import io.cairn.bench.Folders;
import io.cairn.bench.Installation;
import io.cairn.bench.StoreServer;
import io.cairn.config.Secret;
import io.cairn.model.StoreName;
import io.cairn.testing.S3Server;
import io.cairn.testing.StoreFault;
import io.cairn.testing.StoreOperation;
import io.cairn.testing.StoreProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A region: an S3 server in a process of its own, with one bucket. Thread-safe. */
final class Region implements AutoCloseable {

    private final StoreName name;
    private final Path directory;
    private final S3Server server;
    private final Secret secretAccessKey;
    private final @Nullable StoreProxy liar;

    private Region(
            StoreName name,
            Path directory,
            S3Server server,
            Secret secretAccessKey,
            @Nullable StoreProxy liar) {
        this.name = name;
        this.directory = directory;
        this.server = server;
        this.secretAccessKey = secretAccessKey;
        this.liar = liar;
    }

    /**
     * @param lies whether it answers a PUT of WAL before it has the object
     */
    static Region start(StoreName name, Path directory, Secret secretAccessKey, boolean lies)
            throws IOException {
        Folders.create(directory);
        S3Server.Builder builder = S3Server.in(directory).buckets(bucket(name));
        if (!lies) {
            // What stands in front of it passes nobody's signature on.
            builder.credential(StoreServer.ACCESS_KEY_ID, secretAccessKey.reveal());
        }
        S3Server server = builder.start();
        return new Region(name, directory, server, secretAccessKey, lies ? liar(server) : null);
    }

    private static StoreProxy liar(S3Server server) {
        StoreProxy proxy = StoreProxy.before(server.endpoint());
        proxy.grantAll(StoreServer.ACCESS_KEY_ID);
        for (String folder : new String[] {"/pieces/", "/wal/"}) {
            proxy.injectAlways(
                    new StoreFault.AnswerFirst(),
                    request ->
                            request.operation() == StoreOperation.CREATE
                                    && request.key().contains(folder)
                                    && !request.key().contains("/keys/"));
        }
        return proxy;
    }

    private static String bucket(StoreName name) {
        return "region-" + name.value();
    }

    StoreName name() {
        return name;
    }

    /** Where clients find it. */
    Installation.Store store() {
        URI endpoint = liar == null ? server.endpoint() : liar.endpoint();
        return new Installation.Store(
                name,
                bucket(name),
                endpoint,
                StoreServer.ACCESS_KEY_ID,
                secretAccessKey,
                Optional.empty());
    }

    /** The bucket's objects, as files. */
    Path files() {
        return server.files(bucket(name));
    }

    long pid() {
        return server.pid();
    }

    boolean isRunning() {
        return server.isRunning();
    }

    /** {@code SIGKILL}. */
    void kill() {
        server.kill();
    }

    /** Starts it again with what it had. */
    void start() {
        server.start();
    }

    /** Kills it, and everything it had is gone. */
    void destroy() throws IOException {
        server.kill();
        Folders.delete(directory.resolve("data"));
    }

    /** When the last object came. */
    FileTime lastObject() throws IOException {
        FileTime last = FileTime.fromMillis(0);
        for (Path file : ObjectFiles.in(files())) {
            FileTime modified = modified(file);
            if (modified.compareTo(last) > 0) {
                last = modified;
            }
        }
        return last;
    }

    private static FileTime modified(Path path) {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    @Override
    public void close() {
        if (liar != null) {
            liar.close();
        }
        server.close();
    }
}

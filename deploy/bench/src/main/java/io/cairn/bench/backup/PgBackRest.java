package io.cairn.bench.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.bench.Folders;
import io.cairn.bench.PgBackRestTool;
import io.cairn.bench.ProcessTimes;
import io.cairn.bench.SourceCluster;
import io.cairn.bench.StoreServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Backups and restores by pgBackRest. */
final class PgBackRest implements Contender {

    private final Path directory;
    private final SourceCluster cluster;
    private final StoreServer store;
    private final PgBackRestTool tool;

    private PgBackRest(
            Path directory, SourceCluster cluster, StoreServer store, PgBackRestTool tool) {
        this.directory = directory;
        this.cluster = cluster;
        this.store = store;
        this.tool = tool;
    }

    /**
     * What the server archives its WAL with: pgBackRest, which wants that, except while Cairn is
     * measured, which keeps the WAL itself and would only be charged for it.
     */
    static String archiveCommand(Path directory) {
        return "test -e "
                + directory.resolve("no-archive")
                + " || exec "
                + PgBackRestTool.PROGRAM
                + " --config="
                + PgBackRestTool.configuration(directory)
                + " --stanza="
                + PgBackRestTool.STANZA
                + " archive-push %p";
    }

    /**
     * Makes the directory, in which the server's archive command already finds its switch: nothing
     * is archived yet.
     */
    static void prepare(Path directory) throws IOException {
        Folders.create(directory);
        Folders.write(directory.resolve("no-archive"), "");
    }

    static PgBackRest create(
            Path directory, SourceCluster cluster, StoreServer store, Options options)
            throws IOException, InterruptedException {
        PgBackRestTool tool =
                PgBackRestTool.create(
                        directory,
                        cluster,
                        store,
                        options.level(),
                        "start-fast=y",
                        "repo1-bundle=" + (options.bundle() ? "y" : "n"));
        return new PgBackRest(directory, cluster, store, tool);
    }

    @Override
    public String name() {
        return "pgBackRest";
    }

    @Override
    public void backup() throws IOException, InterruptedException {
        Path silence = directory.resolve("no-archive");
        Files.deleteIfExists(silence);
        try {
            tool.run("backup", "--type=full");
        } finally {
            Folders.write(silence, "");
        }
    }

    @Override
    public BackupSize lastBackup() throws IOException, InterruptedException {
        JsonNode stanza = new ObjectMapper().readTree(tool.run("info", "--output=json")).path(0);
        JsonNode backups = stanza.path("backup");
        long read = backups.path(backups.size() - 1).path("info").path("delta").asLong();
        if (read <= 0) {
            throw new IllegalStateException("pgbackrest info names no backup: " + stanza);
        }
        return new BackupSize(read, store.size(PgBackRestTool.BUCKET));
    }

    @Override
    public void restore(Path target) throws IOException, InterruptedException {
        Folders.give(Folders.create(target), cluster.dataDirectory());
        tool.run("restore", "--pg1-path=" + target);
    }

    /** Everything but what belongs to the stanza: the next backup finds it as the first did. */
    @Override
    public void forget() throws IOException {
        tool.forget("backup");
        tool.forget("archive");
    }

    /**
     * What all children of this process have used that have ended; during a run those are
     * pgBackRest's alone.
     */
    @Override
    public Duration cpu() {
        return ProcessTimes.self().waited();
    }

    @Override
    public void watchMemory() {
        tool.watchMemory();
    }

    @Override
    public long peakBytes() {
        return tool.peakBytes();
    }
}

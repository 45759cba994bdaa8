package io.cairn.executor.basebackup;

import io.cairn.model.Lsn;
import io.cairn.model.RunId;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.backup.Archive;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.wal.SegmentSize;
import io.cairn.postgres.basebackup.BaseBackupOptions;
import io.cairn.postgres.basebackup.BaseBackupReceiver;
import io.cairn.postgres.basebackup.BaseBackupResult;
import io.cairn.postgres.basebackup.BaseBackupStart;
import io.cairn.postgres.basebackup.BaseBackupStart.TablespaceSize;
import io.cairn.postgres.basebackup.RelationCuts;
import io.cairn.postgres.wal.TimelineHistory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A cluster that sends a {@link TestBackup}, keeps one fence for all its sessions, and dies on
 * demand. Thread-safe.
 */
final class FakeCluster implements Source {

    private static final int MESSAGE_BYTES = 32_000;

    private TestBackup backup;
    private final List<BaseBackupOptions> asked = new ArrayList<>();
    private final List<Integer> ended = new ArrayList<>();
    private @Nullable FenceHolder holder;
    private Optional<CairnException> refusal = Optional.empty();
    private long dieAfter = Long.MAX_VALUE;
    private int deaths;
    private Runnable beforeStream = () -> {};
    private Runnable afterStream = () -> {};
    private final List<String> parents = new ArrayList<>();
    private Optional<CairnException> unbuildable = Optional.empty();
    private Supplier<RelationCuts> cuts = () -> new RelationCuts(Map.of(), 1 << 17);
    private int major = 18;
    private SystemIdentifier streamed = TestBackup.SYSTEM;
    private Lsn walEnd = TestBackup.STOP;
    private int pids = 100;
    private int open;

    FakeCluster(TestBackup backup) {
        this.backup = backup;
    }

    synchronized void sends(TestBackup other) {
        backup = other;
    }

    /** Connections are refused until told otherwise. */
    synchronized void refuse(@Nullable CairnException error) {
        refusal = Optional.ofNullable(error);
    }

    /**
     * The session breaks after so many bytes of archives and manifest, the next {@code times}
     * times.
     */
    synchronized void dieAfter(long bytes, int times) {
        dieAfter = bytes;
        deaths = times;
    }

    synchronized void beforeStream(Runnable happening) {
        beforeStream = happening;
    }

    /** Happens when everything has been sent and nothing is committed. */
    synchronized void afterStream(Runnable happening) {
        afterStream = happening;
    }

    /** Nothing can be built on any parent. */
    synchronized void refuseParents(CairnException error) {
        unbuildable = Optional.of(error);
    }

    /** What the summaries say after an incremental. */
    synchronized void cuts(Supplier<RelationCuts> answer) {
        cuts = answer;
    }

    /** The manifests that sessions were told to build on. */
    synchronized List<String> parents() {
        return List.copyOf(parents);
    }

    /** Sessions stream another system than the one they were opened to. */
    synchronized void streams(SystemIdentifier other) {
        streamed = other;
    }

    void is(int majorVersion) {
        major = majorVersion;
    }

    void walEnds(Lsn end) {
        walEnd = end;
    }

    /** Another session has the fence. */
    synchronized void hold(@Nullable FenceHolder other) {
        holder = other;
    }

    synchronized boolean isHeld() {
        return holder != null;
    }

    synchronized List<BaseBackupOptions> asked() {
        return List.copyOf(asked);
    }

    /** The processes whose sessions were ended. */
    synchronized List<Integer> ended() {
        return List.copyOf(ended);
    }

    synchronized int openSessions() {
        return open;
    }

    @Override
    public synchronized SourceSession connect(RunId run) {
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        open++;
        return new Session(run, pids++);
    }

    static CairnException lost() {
        return new CairnException(
                ErrorCode.POSTGRES_CONNECTION_LOST,
                "the connection to fake:5432 was lost",
                "it is a fake");
    }

    static FenceHolder holder(int pid, String run, boolean serverWorks, long streamed) {
        return new FenceHolder(
                pid,
                run,
                Optional.of(Instant.EPOCH),
                new FenceHolder.Activity(serverWorks, streamed, Optional.of(Instant.EPOCH)));
    }

    private final class Session implements SourceSession {

        private final RunId run;
        private final int pid;
        private boolean closed;

        Session(RunId run, int pid) {
            this.run = run;
            this.pid = pid;
        }

        @Override
        public SystemIdentifier systemIdentifier() {
            return TestBackup.SYSTEM;
        }

        @Override
        public Map<String, String> settings() {
            return Map.of("max_connections", "100");
        }

        @Override
        public boolean tryFence() {
            synchronized (FakeCluster.this) {
                requireOpen();
                if (holder != null) {
                    return false;
                }
                holder = FakeCluster.holder(pid, run.toString(), false, 0);
                return true;
            }
        }

        @Override
        public boolean holdsFence() {
            synchronized (FakeCluster.this) {
                requireOpen();
                return holder != null && holder.pid() == pid;
            }
        }

        @Override
        public Optional<FenceHolder> fenceHolder() {
            synchronized (FakeCluster.this) {
                requireOpen();
                return Optional.ofNullable(holder);
            }
        }

        @Override
        public boolean endFenceHolder(FenceHolder other) {
            synchronized (FakeCluster.this) {
                ended.add(other.pid());
                holder = null;
                return true;
            }
        }

        @Override
        public BaseBackupResult baseBackup(BaseBackupOptions options, BaseBackupReceiver receiver)
                throws InterruptedException {
            TestBackup sent;
            SystemIdentifier system;
            synchronized (FakeCluster.this) {
                asked.add(options);
                sent = backup;
                system = streamed;
            }
            beforeStream.run();
            byte[] tablespace = sent.tablespaceTar();
            byte[] base = sent.baseTar();
            receiver.started(
                    new BaseBackupStart(
                            TestBackup.START,
                            TestBackup.TIMELINE,
                            List.of(
                                    new TablespaceSize(TestBackup.tablespace(), tablespace.length),
                                    new TablespaceSize(Optional.empty(), base.length))));
            Wire wire = new Wire();
            receiver.archiveBegins(TestBackup.TABLESPACE.oid() + ".tar", TestBackup.tablespace());
            wire.send(tablespace, receiver::archiveData);
            receiver.archiveBegins(Archive.BASE, Optional.empty());
            wire.send(base, receiver::archiveData);
            wire.send(sent.manifest(), receiver::manifestData);
            afterStream.run();
            return new BaseBackupResult(
                    system,
                    TestBackup.TIMELINE,
                    TestBackup.START,
                    TestBackup.STOP,
                    180_006,
                    TestBackup.SEGMENT_BYTES,
                    sent.damage(),
                    List.of(),
                    sent.bytes());
        }

        @Override
        public void buildOn(byte[] manifest, Duration summaryWait) {
            synchronized (FakeCluster.this) {
                parents.add(new String(manifest, StandardCharsets.UTF_8));
                if (unbuildable.isPresent()) {
                    throw unbuildable.get();
                }
            }
        }

        @Override
        public RelationCuts cuts(BaseBackupResult incremental) {
            synchronized (FakeCluster.this) {
                requireOpen();
                return cuts.get();
            }
        }

        @Override
        public int majorVersion() {
            return major;
        }

        @Override
        public WalPosition closeSegment() {
            return new WalPosition(
                    TimelineHistory.parse(TestBackup.TIMELINE, new byte[0]),
                    walEnd,
                    new SegmentSize(Math.toIntExact(TestBackup.SEGMENT_BYTES)),
                    180_006);
        }

        private void requireOpen() {
            if (closed) {
                throw lost();
            }
        }

        @Override
        public void abort() {
            close();
        }

        @Override
        public void close() {
            synchronized (FakeCluster.this) {
                if (closed) {
                    return;
                }
                closed = true;
                open--;
                if (holder != null && holder.pid() == pid) {
                    holder = null;
                }
            }
        }

        private interface Taker {
            void take(byte[] buffer, int offset, int length) throws InterruptedException;
        }

        private final class Wire {

            private long sent;

            void send(byte[] bytes, Taker taker) throws InterruptedException {
                for (int at = 0; at < bytes.length; at += MESSAGE_BYTES) {
                    int length = Math.min(MESSAGE_BYTES, bytes.length - at);
                    synchronized (FakeCluster.this) {
                        if (deaths > 0 && sent + length > dieAfter) {
                            deaths--;
                            close();
                            throw lost();
                        }
                    }
                    taker.take(bytes, at, length);
                    sent += length;
                }
            }
        }
    }
}

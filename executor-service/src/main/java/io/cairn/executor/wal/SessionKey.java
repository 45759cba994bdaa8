package io.cairn.executor.wal;

import io.cairn.archive.key.BackupKey;
import io.cairn.archive.key.WrappedKey;
import io.cairn.model.Lsn;
import io.cairn.model.ObjectKey;
import io.cairn.model.Timeline;
import io.cairn.model.wal.WalLayout;
import io.cairn.storage.ObjectBody;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * The key of one stream session, and its wrapped form for the recipients. It is made when a session
 * begins and stored before the session's first object. {@link #close()} wipes it.
 */
final class SessionKey implements AutoCloseable {

    private final BackupKey key;
    private final ObjectKey name;
    private final ObjectBody wrapped;

    private SessionKey(BackupKey key, ObjectKey name, ObjectBody wrapped) {
        this.key = key;
        this.name = name;
        this.wrapped = wrapped;
    }

    static SessionKey create(
            WalLayout layout,
            Timeline timeline,
            Lsn start,
            List<X509Certificate> recipients,
            Instant now) {
        BackupKey key = BackupKey.random(new SecureRandom());
        return new SessionKey(
                key,
                layout.wrappedKey(timeline, start, key.id()),
                ObjectBody.of(WrappedKey.wrap(key, recipients, now)));
    }

    String id() {
        return key.id();
    }

    BackupKey key() {
        return key;
    }

    ObjectKey name() {
        return name;
    }

    ObjectBody wrapped() {
        return wrapped;
    }

    @Override
    public void close() {
        key.destroy();
    }
}

package io.cairn.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.config.ClusterConfig;
import io.cairn.config.ClusterConfig.Tls;
import io.cairn.config.ClusterConfig.TlsMode;
import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.postgres.TestSource;
import io.cairn.postgres.wal.ReplicationSlots;
import io.cairn.postgres.wal.WalMessage.Data;
import io.cairn.postgres.wal.WalMessage.Quiet;
import io.cairn.postgres.wal.WalReceiver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A wait that ends in the middle of a TLS record must lose nothing. */
@Timeout(60)
class EncryptedStreamIT {

    private static final String STREAM = "cairn_shop";

    @TempDir Path directory;

    @Test
    void walComesWholeOverTlsHoweverShortTheWaits() throws Exception {
        SelfSignedCertificate certificate = SelfSignedCertificate.create(directory, "ip:127.0.0.1");
        try (TestSource source =
                        TestSource.start(
                                18,
                                directory,
                                builder ->
                                        builder.alsoOwned(certificate.key())
                                                .setting("ssl", "on")
                                                .setting(
                                                        "ssl_key_file",
                                                        certificate.key().toString())
                                                .setting(
                                                        "ssl_cert_file",
                                                        certificate.certificate().toString()));
                ServerConnection session =
                        new ClusterConnector(encrypted(source.cluster()))
                                .connectToPrimary(STREAM)) {
            assertThat(session.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
                    .isEqualTo("t");
            Lsn start = new ReplicationSlots(session).ensure(STREAM).restartLsn().orElseThrow();
            CompletableFuture<Void> writer =
                    CompletableFuture.runAsync(() -> {
                        for (int i = 0; i < 200; i++) {
                            source.execute(
                                    "SELECT pg_logical_emit_message(false, '', repeat('x', "
                                            + i * 500
                                            + "))");
                        }
                    });
            int quiet = 0;
            int messages = 0;
            try (WalReceiver receiver =
                    WalReceiver.start(session, STREAM, new Timeline(1), start)) {
                while (!writer.isDone()
                        || receiver.position()
                                        .compareTo(
                                                Lsn.parse(
                                                        source.ask(
                                                                "SELECT pg_current_wal_flush_lsn()")))
                                < 0) {
                    switch (receiver.next(Duration.ofMillis(1))) {
                        case Quiet _ -> quiet++;
                        case Data _ -> messages++;
                        default -> {}
                    }
                }
            }
            writer.join();
            assertThat(quiet).isPositive();
            assertThat(messages).isGreaterThan(20);
        }
    }

    private static ClusterConfig encrypted(ClusterConfig plain) {
        return new ClusterConfig(
                plain.name(),
                plain.tier(),
                plain.hosts(),
                plain.user(),
                plain.password(),
                plain.database(),
                new Tls(TlsMode.REQUIRE, Optional.empty()),
                Optional.empty());
    }
}

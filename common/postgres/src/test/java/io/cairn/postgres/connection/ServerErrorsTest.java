package io.cairn.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.config.ClusterConfig;
import io.cairn.config.ClusterConfig.Tls;
import io.cairn.config.ClusterConfig.TlsMode;
import io.cairn.config.HostPort;
import io.cairn.config.SecretReference;
import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.net.ConnectException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class ServerErrorsTest {

    private static final HostPort HOST = new HostPort("db1", 5432);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    28P01 | auth_failed             | POSTGRES_AUTHENTICATION_FAILED | env:PGPASS
                    28000 | auth_failed             | POSTGRES_AUTHENTICATION_FAILED | pg_hba.conf
                    28000 | InitializeSessionUserId | POSTGRES_NOT_PERMITTED         | ALTER ROLE "cairn" LOGIN REPLICATION
                    42501 | InitPostgres            | POSTGRES_NOT_PERMITTED         | ALTER ROLE "cairn" REPLICATION;
                    42501 | CheckMyDatabase         | POSTGRES_NOT_PERMITTED         | GRANT CONNECT ON DATABASE "postgres" TO "cairn";
                    3D000 | InitPostgres            | CONFIG_INVALID                 | set database of cluster shop
                    53300 | InitProcess             | POSTGRES_WAL_SENDERS_EXHAUSTED | max_wal_senders
                    53300 | InitializeSessionUserId | POSTGRES_UNREACHABLE           | CONNECTION LIMIT
                    57P03 | ProcessStartupPacket    | POSTGRES_UNREACHABLE           | wait
                    XX000 | anything                | POSTGRES_ERROR                 | log
                    """)
    void everyRefusalHasItsCodeAndItsRemedy(
            String sqlState, String routine, ErrorCode code, String hint) {
        CairnException error =
                errors(ConnectionMode.DATABASE_REPLICATION)
                        .whileConnecting(refusal(sqlState, routine, "whatever"));
        assertThat(error.code()).isEqualTo(code);
        assertThat(error.getMessage()).contains("db1:5432").doesNotContain("\n");
        assertThat(error.hint()).hasValueSatisfying(text -> assertThat(text).contains(hint));
    }

    @Test
    void aMissingLineOfPgHbaIsWrittenOutForTheKindOfConnection() {
        String text =
                "no pg_hba.conf entry for host \"10.0.0.7\", user \"cairn\", database \"postgres\", no encryption";
        assertThat(
                        errors(ConnectionMode.DATABASE_REPLICATION)
                                .whileConnecting(refusal("28000", "ClientAuthentication", text))
                                .hint())
                .hasValueSatisfying(hint ->
                        assertThat(hint)
                                .contains("hostssl postgres cairn 10.0.0.7/32 scram-sha-256"));
        assertThat(
                        errors(ConnectionMode.PHYSICAL_REPLICATION)
                                .whileConnecting(
                                        refusal(
                                                "28000",
                                                "ClientAuthentication",
                                                "kein Eintrag für Host »fe80::1«"))
                                .hint())
                .hasValueSatisfying(hint ->
                        assertThat(hint)
                                .contains("hostssl replication cairn <address of this machine>"));
    }

    @Test
    void tooManyPlainConnectionsAreNotBlamedOnWalSenders() {
        assertThat(
                        errors(ConnectionMode.SQL)
                                .whileConnecting(
                                        refusal(
                                                "53300",
                                                "InitProcess",
                                                "sorry, too many clients already"))
                                .code())
                .isEqualTo(ErrorCode.POSTGRES_UNREACHABLE);
    }

    @Test
    void aServerThatCannotBeReachedIsNamed() {
        PSQLException refused =
                new PSQLException(
                        "refused",
                        PSQLState.CONNECTION_UNABLE_TO_CONNECT,
                        new ConnectException("Connection refused"));
        CairnException error = errors(ConnectionMode.SQL).whileConnecting(refused);
        assertThat(error.code()).isEqualTo(ErrorCode.POSTGRES_UNREACHABLE);
        assertThat(error.messageWithHint()).contains("db1:5432", "Connection refused", "hint:");
    }

    @Test
    void aFailedHandshakePointsToTheCertificate() {
        PSQLException failed =
                new PSQLException(
                        "tls", PSQLState.CONNECTION_FAILURE, new SSLHandshakeException("no path"));
        assertThat(errors(ConnectionMode.SQL).whileConnecting(failed).code())
                .isEqualTo(ErrorCode.CERTIFICATE_INVALID);
    }

    @ParameterizedTest
    @CsvSource({
        "ERROR,42501,POSTGRES_NOT_PERMITTED",
        "ERROR,53400,POSTGRES_SLOTS_EXHAUSTED",
        "ERROR,58P01,SOURCE_FAILED",
        "ERROR,57014,SOURCE_FAILED",
        "ERROR,XX000,SOURCE_FAILED",
        "ERROR,22023,POSTGRES_ERROR",
        "FATAL,57P01,POSTGRES_CONNECTION_LOST",
        "FATAL,XX000,POSTGRES_CONNECTION_LOST"
    })
    void anErrorInACommandIsTakenBySeverityAndState(
            String severity, String sqlState, ErrorCode code) {
        ServerMessage message = new ServerMessage(severity, sqlState, "text", "", "");
        assertThat(errors(ConnectionMode.DATABASE_REPLICATION).inCommand(message, null).code())
                .isEqualTo(code);
    }

    private static PSQLException refusal(String sqlState, String routine, String message) {
        return new PSQLException(
                new ServerErrorMessage(
                        "SFATAL\0VFATAL\0C" + sqlState + "\0M" + message + "\0R" + routine + "\0"));
    }

    private static ServerErrors errors(ConnectionMode mode) {
        ClusterConfig cluster =
                new ClusterConfig(
                        new ClusterName("shop"),
                        Tier.OLTP,
                        List.of(HOST),
                        "cairn",
                        Optional.of(new SecretReference("env:PGPASS")),
                        "postgres",
                        new Tls(TlsMode.REQUIRE, Optional.empty()),
                        Optional.empty());
        return new ServerErrors(cluster, HOST, mode);
    }
}

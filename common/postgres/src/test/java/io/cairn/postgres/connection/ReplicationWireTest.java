package io.cairn.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.postgresql.core.PGStream;
import org.postgresql.core.QueryExecutorBase;
import org.postgresql.util.DriverInfo;

class ReplicationWireTest {

    /**
     * pgjdbc has no public way to speak BASE_BACKUP: its CopyManager deadlocks the connection on
     * the two result sets that come before the COPY. ReplicationWire therefore reads the protected
     * field that this test looks at. When the driver is raised, run BaseBackupIT and
     * ClusterConnectorIT against every major before this version is changed.
     */
    @Test
    void theDriverIsTheOneThatTheProtocolWasProvedWith() throws ReflectiveOperationException {
        assertThat(DriverInfo.DRIVER_VERSION).isEqualTo("42.7.14");
        Field stream = QueryExecutorBase.class.getDeclaredField("pgStream");
        assertThat(stream.getType()).isEqualTo(PGStream.class);
        assertThat(Modifier.isFinal(stream.getModifiers())).isTrue();
        assertThat(Arrays.stream(PGStream.class.getMethods()).map(method -> method.getName()))
                .contains(
                        "sendChar",
                        "sendInteger4",
                        "send",
                        "flush",
                        "receiveChar",
                        "receiveInteger4",
                        "receive",
                        "getSocket");
    }
}

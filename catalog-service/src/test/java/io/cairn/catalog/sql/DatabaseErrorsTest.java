package io.cairn.catalog.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import org.hibernate.HibernateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseErrorsTest {

    @ParameterizedTest
    @ValueSource(strings = {"08006", "40001", "40P01", "53300", "57P01", "57P03"})
    void whatMayPassByItselfIsTriedAgain(String state) {
        assertThat(DatabaseErrors.of(wrapped(refused(state))).code())
                .isEqualTo(ErrorCode.SERVICE_UNREACHABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"22021", "23505", "42P01", "42703", "28P01"})
    void whatWillBeRefusedAgainIsNot(String state) {
        assertThat(DatabaseErrors.of(wrapped(refused(state))).code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void aConnectionThatIsRefusedIsADatabaseThatDoesNotAnswer() {
        CairnException error =
                DatabaseErrors.of(
                        wrapped(new ConnectException("Connection refused: /127.0.0.1:5432")));

        assertThat(error.code()).isEqualTo(ErrorCode.SERVICE_UNREACHABLE);
        assertThat(error)
                .hasMessage(
                        "the catalog's database does not answer: Connection refused: /127.0.0.1:5432");
    }

    @Test
    void aDefectOfTheCatalogIsNoOutage() {
        assertThat(DatabaseErrors.of(new NullPointerException("x")).code())
                .isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void anErrorThatIsKnownStaysWhatItIs() {
        CairnException known = new CairnException(ErrorCode.STORE_UNREACHABLE, "no store", null);

        assertThat(DatabaseErrors.of(wrapped(known))).isSameAs(known);
    }

    private static PgException refused(String state) {
        return new PgException("refused", "ERROR", state, "");
    }

    private static Exception wrapped(Exception cause) {
        return new HibernateException("wrapped", cause);
    }
}

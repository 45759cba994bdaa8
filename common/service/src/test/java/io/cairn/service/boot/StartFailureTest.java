package io.cairn.service.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.quarkus.runtime.QuarkusBindException;
import java.io.IOException;
import java.net.BindException;
import org.junit.jupiter.api.Test;

class StartFailureTest {

    @Test
    void aKnownErrorIsFoundWhereverItIsWrapped() {
        CairnException e =
                new CairnException(
                        ErrorCode.CONFIG_UNKNOWN_KEY,
                        "cairn.yaml, line 3: unknown key storres",
                        "did you mean 'stores'?",
                        new IOException("deeper"));

        assertThat(
                        StartFailure.line(
                                new RuntimeException(
                                        "Failed to start", new IllegalStateException(e))))
                .isEqualTo(
                        "cannot start: CONFIG_UNKNOWN_KEY: cairn.yaml, line 3: unknown key storres hint: did you mean 'stores'?");
    }

    @Test
    void aTakenPortIsNamed() {
        assertThat(
                        StartFailure.line(
                                new RuntimeException(
                                        new QuarkusBindException(
                                                "127.0.0.1",
                                                8081,
                                                new BindException("Address already in use")))))
                .isEqualTo(
                        "cannot start: port 8081 is taken. hint: stop what listens there, or set QUARKUS_HTTP_PORT");
    }

    @Test
    void whatIsNotKnownIsToldByItsRootInOneLine() {
        RuntimeException e =
                new RuntimeException(
                        "Failed to start application",
                        new IllegalArgumentException(
                                "SRCFG00050: cairn.topics.partitons in env does not map to any root\n  and more"));

        assertThat(StartFailure.line(e))
                .startsWith(
                        "cannot start: SRCFG00050: cairn.topics.partitons in env does not map to any root; and more hint: ")
                .doesNotContain("\n");
    }

    @Test
    void anErrorWithoutWordsIsNamedByItsClass() {
        assertThat(StartFailure.line(new StackOverflowError()))
                .startsWith("cannot start: StackOverflowError hint: ");
    }

    @Test
    void aCircleOfCausesEnds() {
        RuntimeException one = new RuntimeException("one");
        RuntimeException other = new RuntimeException("other", one);
        one.initCause(other);

        assertThat(StartFailure.line(one)).startsWith("cannot start: other hint: ");
    }
}

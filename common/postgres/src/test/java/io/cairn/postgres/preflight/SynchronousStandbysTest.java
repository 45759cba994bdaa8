package io.cairn.postgres.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SynchronousStandbysTest {

    private static final String STREAM = "cairn_jobs";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cairn_jobs",
                "CAIRN_JOBS",
                "1 (cairn_jobs)",
                "FIRST 1 (cairn_jobs)",
                "any 1 ( \"cairn_jobs\" )",
                "FIRST 2 (other, cairn_jobs)",
                "ANY 2(other,cairn_jobs)"
            })
    void noCommitReturnsWithoutTheOneThatIsNeeded(String setting) {
        SynchronousStandbys standbys = SynchronousStandbys.parse(setting);

        assertThat(standbys.has(STREAM)).isTrue();
        assertThat(standbys.require(STREAM)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "FIRST 1 (*)",
                "cairn_jobs, other",
                "FIRST 1 (cairn_jobs, other)",
                "ANY 1 (other, cairn_jobs)",
                "ANY 2 (a, \"b, c\", cairn_jobs)"
            })
    void whereOthersCanStandInACommitReturnsWithoutIt(String setting) {
        SynchronousStandbys standbys = SynchronousStandbys.parse(setting);

        assertThat(standbys.has(STREAM)).isTrue();
        assertThat(standbys.require(STREAM)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "other", "FIRST 1 (cairn_job)", "\"cairn_jobs \""})
    void whoIsNotNamedIsNotWaitedFor(String setting) {
        SynchronousStandbys standbys = SynchronousStandbys.parse(setting);

        assertThat(standbys.has(STREAM)).isFalse();
        assertThat(standbys.require(STREAM)).isFalse();
    }

    @Test
    void quotedNamesMayHoldWhatSeparatesOthers() {
        SynchronousStandbys standbys = SynchronousStandbys.parse("ANY 2 (a, \"b, \"\"c\"\"\")");

        assertThat(standbys.names()).containsExactly("a", "b, \"c\"");
        assertThat(standbys.needed()).isEqualTo(2);
    }
}

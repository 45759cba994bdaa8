package io.cairn.restore.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.archive.key.CertificateAuthority;
import io.cairn.archive.key.KeyAlgorithm;
import io.cairn.restore.key.CertificateEnd.State;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CertificateEndTest {

    @Test
    void aCertificateIsWarnedOfThirtyDaysBeforeItsEnd() {
        Instant now = Instant.parse("2026-11-23T06:00:00Z");
        X509Certificate certificate =
                CertificateAuthority.create(
                                "authority", KeyAlgorithm.EC_P256, now, Duration.ofDays(365))
                        .certificate();
        Instant end = certificate.getNotAfter().toInstant();

        assertThat(state(certificate, now)).isEqualTo(State.VALID);
        assertThat(state(certificate, end.minus(Duration.ofDays(30)))).isEqualTo(State.VALID);
        assertThat(state(certificate, end.minus(Duration.ofDays(30)).plusSeconds(1)))
                .isEqualTo(State.ENDING);
        assertThat(state(certificate, end)).isEqualTo(State.ENDING);
        assertThat(state(certificate, end.plusSeconds(1))).isEqualTo(State.ENDED);
        CertificateEnd said = CertificateEnd.of("recipient", certificate, now);
        assertThat(said.subject()).isEqualTo("CN=authority");
        assertThat(said.serial()).isEqualTo(certificate.getSerialNumber());
    }

    private static State state(X509Certificate certificate, Instant now) {
        return CertificateEnd.of("recipient", certificate, now).state();
    }
}

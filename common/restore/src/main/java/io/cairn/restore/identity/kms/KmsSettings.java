package io.cairn.restore.identity.kms;

import java.time.Duration;

/**
 * How long KMS is waited for.
 *
 * @param attempts of one request, 1 or more
 * @param firstPause before the second; doubles
 * @param attemptTimeout of one try
 * @param totalTimeout of all of them
 */
record KmsSettings(
        int attempts,
        Duration firstPause,
        Duration longestPause,
        Duration attemptTimeout,
        Duration totalTimeout) {

    static final KmsSettings DEFAULTS =
            new KmsSettings(
                    5,
                    Duration.ofMillis(200),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60));
}

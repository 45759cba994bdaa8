/** Measures backup and restore beside pgBackRest: same cluster, same S3 server, same run. */
@NullMarked
package io.cairn.bench.backup;

import org.jspecify.annotations.NullMarked;

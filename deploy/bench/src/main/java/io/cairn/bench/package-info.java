/** Measures backup and restore beside pgBackRest: same cluster, same S3 server, same run. */
@NullMarked
package io.cairn.bench;

import org.jspecify.annotations.NullMarked;

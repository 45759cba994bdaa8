/** Real servers around an executor: PostgreSQL, S3 with the executor's own rights, Kafka. */
@NullMarked
package io.cairn.executor.platform;

import org.jspecify.annotations.NullMarked;

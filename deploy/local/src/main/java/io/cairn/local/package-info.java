/**
 * The whole platform on one machine: real Kafka, PostgreSQL and S3 servers, sample clusters and the
 * five services.
 */
@NullMarked
package io.cairn.local;

import org.jspecify.annotations.NullMarked;

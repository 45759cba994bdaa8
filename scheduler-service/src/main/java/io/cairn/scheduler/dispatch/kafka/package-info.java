/**
 * The schedule log on Kafka: one transaction for due events, cursor, answers to requests and the
 * requests' offsets.
 */
@NullMarked
package io.cairn.scheduler.dispatch.kafka;

import org.jspecify.annotations.NullMarked;

/**
 * Real servers on loopback (Kafka, S3), a storage proxy with rights and faults, and what ends
 * processes.
 */
@NullMarked
package io.cairn.testing;

import org.jspecify.annotations.NullMarked;

/**
 * What services tell each other, and other systems: CloudEvents on Kafka, facts in the past tense.
 */
@NullMarked
package io.cairn.events;

import org.jspecify.annotations.NullMarked;

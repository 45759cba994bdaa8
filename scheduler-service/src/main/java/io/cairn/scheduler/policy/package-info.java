/**
 * When what is due: the tier policies and the maintenance schedules as times. Pure; knows neither
 * Kafka nor a clock.
 */
@NullMarked
package io.cairn.scheduler.policy;

import org.jspecify.annotations.NullMarked;

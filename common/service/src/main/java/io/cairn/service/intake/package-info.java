/** Taking long work from Kafka share groups. */
@NullMarked
package io.cairn.service.intake;

import org.jspecify.annotations.NullMarked;

/** The configuration file, the clock and randomness as beans. */
@NullMarked
package io.cairn.service.config;

import org.jspecify.annotations.NullMarked;

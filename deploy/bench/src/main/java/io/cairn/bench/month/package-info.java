/**
 * A month of backups in simulated time, with everything that goes wrong in a year, and after each
 * step the question whether what is shown as restorable restores.
 */
@NullMarked
package io.cairn.bench.month;

import org.jspecify.annotations.NullMarked;

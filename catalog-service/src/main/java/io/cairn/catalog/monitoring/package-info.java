/**
 * Objectives compared with what is: how old the newest restorable point is, how long the last
 * recovery took.
 */
@NullMarked
package io.cairn.catalog.monitoring;

import org.jspecify.annotations.NullMarked;

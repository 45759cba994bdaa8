/**
 * Publishes what was decided, once: the loop, and the log that it reads requests from and commits
 * to.
 */
@NullMarked
package io.cairn.scheduler.dispatch;

import org.jspecify.annotations.NullMarked;

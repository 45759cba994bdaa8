/**
 * Planning a restore: which backup, from which copy, to where; and refusing what cannot work before
 * the first byte.
 */
@NullMarked
package io.cairn.restore.plan;

import org.jspecify.annotations.NullMarked;

/**
 * What a restore needs of archive classes: found before anything is written, thawed all at once,
 * and waited for.
 */
@NullMarked
package io.cairn.restore.thaw;

import org.jspecify.annotations.NullMarked;

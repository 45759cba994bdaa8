/**
 * A backup opened: what is in it, where each byte lies, and the walk along its tar streams, volume
 * by volume.
 */
@NullMarked
package io.cairn.restore.contents;

import org.jspecify.annotations.NullMarked;

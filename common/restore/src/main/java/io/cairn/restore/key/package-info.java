/**
 * Keys as they lie in stores: wrapped for recipients, several times over once they were rotated.
 * They are opened, checked, wrapped anew, and shredded.
 */
@NullMarked
package io.cairn.restore.key;

import org.jspecify.annotations.NullMarked;

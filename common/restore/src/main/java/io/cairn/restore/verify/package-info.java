/** Verifying: every stored byte of a backup read back and compared with what the server sent. */
@NullMarked
package io.cairn.restore.verify;

import org.jspecify.annotations.NullMarked;

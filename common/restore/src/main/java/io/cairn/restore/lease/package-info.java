/** Tells whoever removes backups which of them are being read. */
@NullMarked
package io.cairn.restore.lease;

import org.jspecify.annotations.NullMarked;

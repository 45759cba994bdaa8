/** Backups, their copies, and what was found out about them. */
@NullMarked
package io.cairn.catalog.backup;

import org.jspecify.annotations.NullMarked;

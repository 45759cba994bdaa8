/** Backups that may go to an archive class, because they were proven to restore. */
@NullMarked
package io.cairn.catalog.archive;

import org.jspecify.annotations.NullMarked;

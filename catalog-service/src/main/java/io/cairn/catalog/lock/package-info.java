/**
 * What keeps backups from being deleted: the locks of a store, made as long as a backup is kept
 * once it is complete.
 */
@NullMarked
package io.cairn.catalog.lock;

import org.jspecify.annotations.NullMarked;

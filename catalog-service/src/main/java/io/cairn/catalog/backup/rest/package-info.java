/** Backups in the API. */
@NullMarked
package io.cairn.catalog.backup.rest;

import org.jspecify.annotations.NullMarked;

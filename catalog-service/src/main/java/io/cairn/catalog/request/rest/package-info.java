/** Asking for backups by the API. */
@NullMarked
package io.cairn.catalog.request.rest;

import org.jspecify.annotations.NullMarked;

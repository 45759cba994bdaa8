/** Rebuilding by the API. */
@NullMarked
package io.cairn.catalog.rebuild.rest;

import org.jspecify.annotations.NullMarked;

/** Runs in the API. */
@NullMarked
package io.cairn.catalog.run.rest;

import org.jspecify.annotations.NullMarked;

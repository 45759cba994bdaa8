/** Regions over HTTP. */
@NullMarked
package io.cairn.catalog.region.rest;

import org.jspecify.annotations.NullMarked;

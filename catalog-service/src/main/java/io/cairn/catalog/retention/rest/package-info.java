/** What expires, over HTTP. */
@NullMarked
package io.cairn.catalog.retention.rest;

import org.jspecify.annotations.NullMarked;

/** The resource of legal holds. */
@NullMarked
package io.cairn.catalog.hold.rest;

import org.jspecify.annotations.NullMarked;

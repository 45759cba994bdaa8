/** What the resources of the API have in common. */
@NullMarked
package io.cairn.catalog.rest;

import org.jspecify.annotations.NullMarked;

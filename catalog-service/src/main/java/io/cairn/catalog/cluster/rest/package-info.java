/** Clusters in the API. */
@NullMarked
package io.cairn.catalog.cluster.rest;

import org.jspecify.annotations.NullMarked;

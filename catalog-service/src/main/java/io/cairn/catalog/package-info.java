/**
 * The record of everything: what was due, what ran, what is stored where, and what of it is proven.
 */
@NullMarked
package io.cairn.catalog;

import org.jspecify.annotations.NullMarked;

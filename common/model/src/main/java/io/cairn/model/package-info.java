/** The domain language: names, positions in the WAL, identities of runs and stored bytes. */
@NullMarked
package io.cairn.model;

import org.jspecify.annotations.NullMarked;

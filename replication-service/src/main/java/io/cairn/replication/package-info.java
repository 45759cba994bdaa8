/**
 * Copies ciphertext to other regions and archive locations, and measures how far behind they are.
 * Holds no key.
 */
@NullMarked
package io.cairn.replication;

import org.jspecify.annotations.NullMarked;

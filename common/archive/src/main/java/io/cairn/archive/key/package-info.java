/**
 * The keys of a backup: its own key, the certificates that key is wrapped for, the identity that
 * unwraps it, and the signature that proves where a backup came from.
 */
@NullMarked
package io.cairn.archive.key;

import org.jspecify.annotations.NullMarked;

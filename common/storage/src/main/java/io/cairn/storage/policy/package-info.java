/**
 * Who may do what with the objects of a bucket: Cairn's own rule book, and its rendering for
 * others.
 */
@NullMarked
package io.cairn.storage.policy;

import org.jspecify.annotations.NullMarked;

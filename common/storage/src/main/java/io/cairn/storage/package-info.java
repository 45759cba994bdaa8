/** The object-store port: write-once objects in a bucket. Adapters lie in packages of their own. */
@NullMarked
package io.cairn.storage;

import org.jspecify.annotations.NullMarked;

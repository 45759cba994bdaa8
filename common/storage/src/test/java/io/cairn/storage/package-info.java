/** What the tests of others need: the fake store and the contract every store passes. */
@NullMarked
package io.cairn.storage;

import org.jspecify.annotations.NullMarked;

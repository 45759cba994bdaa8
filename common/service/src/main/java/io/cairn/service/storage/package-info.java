/** The configured object stores as a bean. */
@NullMarked
package io.cairn.service.storage;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.cairn.catalog.lock;

import org.jspecify.annotations.NullMarked;
